"""URLs of the test project."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import TemplateView

urlpatterns = [
    path("admin/", admin.site.urls),
    path("notifications/", include("clarion.urls")),
    path("api/", include("clarion.contrib.api.urls")),
    path("bell/", TemplateView.as_view(template_name="testapp/bell.html")),
]
