"""AppNotification: an item in a person's inbox."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clarion.models.expiry_index import ExpiryIndex
from clarion.models.notification import Notification

TITLE_LIMIT = 400
MESSAGE_LIMIT = 4000


class AppNotification(Notification):
    """What one person reads in the product, as plain text."""

    title = models.CharField(_("title"), max_length=TITLE_LIMIT)
    message = models.TextField(_("message"), max_length=MESSAGE_LIMIT, blank=True)
    is_read = models.BooleanField(_("read"), default=False)
    read_at = models.DateTimeField(_("read at"), null=True, blank=True)

    resolved_at = models.DateTimeField(
        _("resolved at"), null=True, blank=True, help_text=_("When what it is about was settled.")
    )

    class Meta:
        verbose_name = _("app notification")
        verbose_name_plural = _("app notifications")
        indexes: ClassVar = [
            ExpiryIndex(name="clarion_inbox_expiry"),
            models.Index(fields=["person", "id"], name="clarion_inbox"),
            models.Index(
                fields=["person", "id"], name="clarion_inbox_unread", condition=models.Q(is_read=False)
            ),
            models.Index(fields=["id"], name="clarion_inbox_fallback", condition=models.Q(is_fallback=True)),
        ]

    def __str__(self) -> str:
        return self.title

    def mark_as_read(self) -> None:
        """Mark as read, now. Reading twice keeps the first time."""
        type(self).objects.filter(pk=self.pk, is_read=False).update(is_read=True, read_at=timezone.now())
        self.refresh_from_db(fields=["is_read", "read_at"])
