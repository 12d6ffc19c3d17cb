"""Notifications as they were written and sent."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from clarion.admin.event_type_filter import EventTypeOfEventFilter
from clarion.admin.history import HistoryAdmin
from clarion.admin.search import person_search_fields
from clarion.admin.work import WORK, WorkAdmin
from clarion.models import AppNotification, EmailNotification
from clarion.models.notification import Notification


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

    @admin.display(description=_("fallback"), ordering="is_fallback")
    def fallback(self, row: Notification) -> str:
        """Return a mark for a stand-in text. Django's icons would put a red cross to all that is well."""
        return "✓" if row.is_fallback else ""


@admin.register(AppNotification)
class AppNotificationAdmin(NotificationAdmin):
    """What is in people's inboxes."""

    contents = ("title", "message", "link")
    list_display = ("id", "person", "title", "is_read", "fallback", "created_at")
    list_filter = ("is_read", "is_fallback", EventTypeOfEventFilter)
    fields = (
        *("person", "event", "title", "message", "link", "is_fallback"),
        *("is_read", "read_at", "seen_at", "archived_at", "snoozed_until", "created_at", "delete_at"),
    )


@admin.register(EmailNotification)
class EmailNotificationAdmin(NotificationAdmin, WorkAdmin):
    """Which mails were sent, and what became of those that were not."""

    contents = ("subject", "body", "link")
    list_display = (
        *("id", "person", "subject", "status", "attempts"),
        *("error_excerpt", "fallback", "created_at", "sent_at"),
    )
    list_filter = ("status", "is_fallback", EventTypeOfEventFilter)
    fields = (
        *("person", "event", "address", "language", "subject", "body", "link", "is_fallback", "message_id"),
        *("cadence", "sent_at", *WORK),
    )
