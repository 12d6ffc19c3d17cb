"""The pages people visit, wherever a project puts them: `path("notifications/", include("clarion.urls"))`."""

from django.urls import path

from clarion.inbox import actions, live, preference_pages, views

app_name = "clarion"
urlpatterns = [
    path("", views.inbox, name="inbox"),
    path("<int:notification_id>/", views.open_notification, name="open"),
    path("popover/", views.popover, name="popover"),
    path("news/", views.news, name="news"),
    path("change/", actions.change, name="change"),
    path("undo/", actions.undo, name="undo"),
    path("unmute/", actions.unmute, name="unmute"),
    path("shortcuts/", actions.shortcuts, name="shortcuts"),
    path("state/", live.state, name="state"),
    path("stream/", live.stream, name="stream"),
    path("preferences/", preference_pages.preferences, name="preferences"),
]
