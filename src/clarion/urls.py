"""The pages people visit, wherever a project puts them: `path("notifications/", include("clarion.urls"))`."""

from django.urls import path

from clarion.inbox import views

app_name = "clarion"
urlpatterns = [
    path("", views.inbox, name="inbox"),
    path("read/", views.mark_all_read, name="mark_all_read"),
    path("<int:notification_id>/read/", views.mark_read, name="mark_read"),
    path("preferences/", views.preferences, name="preferences"),
]
