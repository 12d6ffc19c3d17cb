"""EmailNotification: one e-mail to one person, created first and sent later."""

from __future__ import annotations

from email.utils import parseaddr
from secrets import token_hex
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from clarion.database.expiry_index import ExpiryIndex
from clarion.models.cadence import Cadence
from clarion.models.notification import Notification
from clarion.models.person import email_of, language_of
from clarion.models.work import Status, Work, due_index

SUBJECT_LIMIT = 400
OF_MAIL, OF_DIGEST = ".clarion", ".digest"
"""What tells the Message-IDs of mails and of digests apart, before the @."""


def new_message_ids(count: int) -> list[str]:
    """Return ids that no other mail has, in the domain that mails come from."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    # Not `make_msgid`, which is slow for many: random alone is as unique as random and the time.
    digits = token_hex(16 * count)
    return [f"<{digits[start : start + 32]}{OF_MAIL}@{domain}>" for start in range(0, len(digits), 32)]


def digest_message_id(message_id: str) -> str:
    """Return the Message-ID of the digest that begins with the mail of this one."""
    local, _at, domain = message_id.rpartition("@")
    return f"{local.removesuffix(OF_DIGEST).removesuffix(OF_MAIL)}{OF_DIGEST}@{domain}"


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
    cadence = models.CharField(
        _("cadence"),
        max_length=10,
        choices=Cadence,
        blank=True,
        default="",
        db_default="",
        help_text=_("Of the digest it waits for; empty if it goes at once."),
    )

    class Meta:
        verbose_name = _("e-mail notification")
        verbose_name_plural = _("e-mail notifications")
        permissions: ClassVar = [("read_emailnotification", "Can read the texts of e-mail notifications")]
        indexes: ClassVar = [
            due_index("clarion_email_due"),
            ExpiryIndex(name="clarion_email_expiry"),
            # Who waits for a digest: mails that go at once are not in it, nor is what has gone.
            models.Index(
                fields=["person", "id"],
                name="clarion_email_digest",
                condition=models.Q(cadence__gt="", due_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"e-mail #{self.pk}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save; what is not given comes from the person, and the Message-ID is fixed."""
        if self._state.adding:
            self.address = self.address or email_of(self.event.person)
            self.language = self.language or language_of(self.event.person)
            self.message_id = self.message_id or new_message_ids(1)[0]
        super().save(*args, **kwargs)

    @property
    def is_in_digest(self) -> bool:
        """Whether it was tried in one message with others; their Message-ID is then the same."""
        return f"{OF_DIGEST}@" in self.message_id

    @property
    def is_sent(self) -> bool:
        """Whether the mail server has accepted it."""
        return self.status == Status.SENT
