from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from config import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("products.urls")),
    path("notifications/", include("clarion.urls")),
    path("api/", include("clarion.contrib.api.urls")),
    path("admin/", admin.site.urls),
]

if settings.DEBUG:
    urlpatterns += [
        path("log-in-as/", views.log_in_as, name="log_in_as"),
        path("log-in-as/<int:person_id>/", views.log_in, name="log_in"),
        path("log-out/", views.log_out, name="log_out"),
        path("mailbox/", include("postbox.urls")),
    ]
