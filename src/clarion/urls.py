"""The pages people visit, wherever a project puts them: `path("notifications/", include("clarion.urls"))`."""

from django.urls import path

from clarion.inbox import live, views

app_name = "clarion"
urlpatterns = [
    path("", views.inbox, name="inbox"),
    path("read/", views.mark_all_read, name="mark_all_read"),
    path("<int:notification_id>/read/", views.mark_read, name="mark_read"),
    path("state/", live.state, name="state"),
    path("stream/", live.stream, name="stream"),
    path("preferences/", views.preferences, name="preferences"),
]
