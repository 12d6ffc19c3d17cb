"""AppNotification: an item in a person's inbox."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clarion.database.covering_index import CoveringIndex
from clarion.database.expiry_index import ExpiryIndex
from clarion.models.notification import Notification

TITLE_LIMIT = 400
MESSAGE_LIMIT = 4000


class AppNotification(Notification):
    """What one person reads in the product, as plain text.

    Seen, read and archived are three things: it was in sight, it was dealt with, it is out of the way.
    While it is snoozed it is in no list but that of snoozed items, and in no count.
    """

    event_type = models.CharField(_("event type"), max_length=100, default="", db_default="")
    title = models.CharField(_("title"), max_length=TITLE_LIMIT)
    message = models.TextField(_("message"), max_length=MESSAGE_LIMIT, blank=True)
    is_read = models.BooleanField(_("read"), default=False)
    read_at = models.DateTimeField(_("read at"), null=True, blank=True)
    seen_at = models.DateTimeField(_("seen at"), null=True, blank=True)
    archived_at = models.DateTimeField(_("archived at"), null=True, blank=True)
    snoozed_until = models.DateTimeField(_("snoozed until"), null=True, blank=True)

    resolved_at = models.DateTimeField(
        _("resolved at"), null=True, blank=True, help_text=_("When what it is about was settled.")
    )

    class Meta:
        verbose_name = _("app notification")
        verbose_name_plural = _("app notifications")
        permissions: ClassVar = [("read_appnotification", "Can read the texts of app notifications")]
        # A row that is new is in the first two only: the rest is paid for by what people do.
        indexes: ClassVar = [
            ExpiryIndex(name="clarion_inbox_expiry"),
            models.Index(fields=["person", "archived_at", "id"], name="clarion_inbox_person"),
            CoveringIndex(
                fields=["person", "id", "snoozed_until"],
                name="clarion_inbox_unread",
                condition=models.Q(is_read=False, archived_at=None),
            ),
            models.Index(
                fields=["person", "id"],
                name="clarion_inbox_archived",
                condition=models.Q(archived_at__isnull=False),
            ),
            models.Index(
                fields=["person", "snoozed_until"],
                name="clarion_inbox_snoozed",
                condition=models.Q(snoozed_until__isnull=False),
            ),
            models.Index(fields=["id"], name="clarion_inbox_fallback", condition=models.Q(is_fallback=True)),
        ]

    def __str__(self) -> str:
        return f"{self.event_type} #{self.pk}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save; the event type comes from the notifiable event where it is not given."""
        self.event_type = self.event_type or self.event.event_type
        super().save(*args, **kwargs)

    def mark_as_read(self) -> None:
        """Mark as read, now. Reading twice keeps the first time."""
        type(self).objects.filter(pk=self.pk, is_read=False).update(is_read=True, read_at=timezone.now())
        self.refresh_from_db(fields=["is_read", "read_at"])
