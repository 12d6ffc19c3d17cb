from django.conf import settings
from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("products.urls")),
    path("notifications/", include("clarion.urls")),
    path("admin/", admin.site.urls),
]

if settings.DEBUG:
    urlpatterns += [
        path("log-in-as/", include("people.urls")),
        path("mailbox/", include("postbox.urls")),
    ]
