"""EmailNotification: one e-mail to one person, created first and sent later."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from clarion.models.notification import Notification
from clarion.models.work import Status, Work, unfinished_index

SUBJECT_LIMIT = 400


class EmailNotification(Notification, Work):  # type: ignore[misc]  # django-stubs: two bases share dates
    """The mail as it will be sent, and what became of it.

    `message_id` is fixed before the first attempt, so that a receiver can fold the duplicate that a
    crash between the server's 250 and our commit may cause (RFC 1047; RFC 5322, section 3.6.4).
    """

    address = models.CharField(_("address"), max_length=254)
    subject = models.CharField(_("subject"), max_length=SUBJECT_LIMIT)
    body = models.TextField(_("body"))
    language = models.CharField(_("language"), max_length=20, blank=True, default="")
    message_id = models.CharField(_("Message-ID"), max_length=255)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)

    class Meta:
        verbose_name = _("e-mail notification")
        verbose_name_plural = _("e-mail notifications")
        indexes: ClassVar = [
            unfinished_index("clarion_email_unfinished"),
            models.Index(fields=["person", "id"], name="clarion_email_person"),
        ]

    def __str__(self) -> str:
        return self.subject

    @property
    def is_sent(self) -> bool:
        """Whether the mail server has accepted it."""
        return self.status == Status.SENT
