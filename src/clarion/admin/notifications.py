"""Notifications as they were written and sent."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from clarion.admin.event_type_filter import EventTypeOfEventFilter
from clarion.admin.events import WORK
from clarion.admin.history import HistoryAdmin
from clarion.admin.search import person_search_fields
from clarion.models import AppNotification, EmailNotification


class NotificationAdmin(HistoryAdmin):
    """What the notifications of all channels have in common."""

    list_select_related = ("person",)
    search_help_text = _(
        "The ID of a row, of its notifiable event or of its person; or part of the person's name."
    )
    number_fields = ("pk", "event", "person")

    def get_search_fields(self, request: HttpRequest) -> list[str]:
        """Return what the person model has to search."""
        return person_search_fields()


@admin.register(AppNotification)
class AppNotificationAdmin(NotificationAdmin):
    """What is in people's inboxes."""

    list_display = ("id", "person", "title", "is_read", "is_fallback", "created_at")
    list_filter = ("is_read", "is_fallback", EventTypeOfEventFilter)
    fields = (
        *("person", "event", "title", "message", "link", "is_fallback"),
        *("is_read", "read_at", "created_at", "delete_at"),
    )


@admin.register(EmailNotification)
class EmailNotificationAdmin(NotificationAdmin):
    """Which mails were sent, and what became of those that were not."""

    list_display = (
        *("id", "person", "subject", "status", "attempts"),
        *("error_excerpt", "is_fallback", "created_at", "sent_at"),
    )
    list_filter = ("status", "is_fallback", EventTypeOfEventFilter)
    fields = (
        *("person", "event", "address", "language", "subject", "body", "link", "is_fallback", "message_id"),
        *("sent_at", *WORK),
    )
