"""The API, wherever a project puts it: `path("api/notifications/", include("clarion.contrib.api.urls"))`."""

from __future__ import annotations

from django.urls import URLPattern, path

from clarion.contrib.api import counts, document, mutes, notifications, preferences, reference

app_name = "clarion_api"
operations = [
    path("v1/notifications/", notifications.Notifications.as_view(), name="notifications"),
    path("v1/notifications/changes/", notifications.ManyChanges.as_view(), name="changes"),
    path("v1/notifications/undo/", notifications.Undoing.as_view(), name="undo"),
    path(
        "v1/notifications/<int:notification_id>/",
        notifications.OneNotification.as_view(),
        name="notification",
    ),
    path(
        "v1/notifications/<int:notification_id>/changes/",
        notifications.OneChange.as_view(),
        name="notification_changes",
    ),
    path("v1/counts/", counts.Counting.as_view(), name="counts"),
    path("v1/state/", counts.Polling.as_view(), name="state"),
    path("v1/stream/", counts.Streaming.as_view(), name="stream"),
    path("v1/preferences/", preferences.PreferenceCentre.as_view(), name="preferences"),
    path("v1/mutes/", mutes.Mutes.as_view(), name="mutes"),
    path("v1/mutes/<int:mute_id>/", mutes.OneMute.as_view(), name="mute"),
]
urlpatterns: list[URLPattern] = [
    *operations,
    path("v1/openapi.json", document.document, name="document"),
    path("v1/", reference.reference, name="page"),
    # So that a number which is none, or a word that is misspelt, is answered as a problem, too.
    path("v1/<path:rest>", document.NoSuchAddress.as_view(), name="nowhere"),
]
