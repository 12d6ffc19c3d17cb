"""The e-mail channel: who has an address, and what their mail says."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from functools import cache, lru_cache
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import QuerySet
from django.utils.html import linebreaks

from clarion.channels.base import Addressee, Channel, News
from clarion.database.insertion import Rows
from clarion.database.listed import listed
from clarion.direction import shortened
from clarion.events import EventTypes
from clarion.models import (
    EmailNotification,
    EmailNotificationTemplate,
    Status,
    SuppressedAddress,
)
from clarion.models.email_notification import new_message_ids
from clarion.models.lifetime import lifetime_of
from clarion.models.person import Reader
from clarion.models.template import EMAIL_LIMIT_BYTES
from clarion.preferences.cadence import Digest
from clarion.preferences.decision import Reason
from clarion.rendering.renderer import Content

ADDRESS_LIMIT = 254
"""RFC 5321, section 4.5.3.1.3, less the angle brackets."""
BODY_LIMIT_BYTES = EMAIL_LIMIT_BYTES - 10 * 1024
"""Of a body's HTML: subject, links and frame take their room too, before mail readers clip it."""


class EmailChannel(Channel):
    """A mail is a row first: one row, one mail, one address."""

    name = "email"
    template_model = EmailNotificationTemplate
    notification_model = EmailNotification

    def refusals(self, readers: Collection[Reader]) -> dict[Any, Reason]:
        """Refuse who has no address, one that could not stand alone in a header, or a suppressed one."""
        addresses = {reader.email.lower() for reader in readers}
        every = SuppressedAddress.objects.values_list("address", flat=True)
        field = SuppressedAddress._meta.get_field("address")
        suppressed = set(every.filter(address__in=listed(field, addresses, every.db)))
        reasons = ((reader.key, _reason_against(reader.email, suppressed)) for reader in readers)
        return {key: reason for key, reason in reasons if reason}

    def texts(self, content: Content) -> dict[str, str]:
        """Return subject and body; an overlong body is cut where the reader can see it."""
        body = content.body
        while (size := size_in_html(body)) > BODY_LIMIT_BYTES:
            body = shortened(body, len(body) * BODY_LIMIT_BYTES // size)
        return {"subject": content.heading, "body": body}

    def rows(
        self, news: News, content: Content, addressees: Sequence[Addressee], digest: Digest | None
    ) -> Rows:
        """Return the mails to be sent, their Message-IDs fixed. Retention begins with what they wait for."""
        alike, differing = self._common(news, content, addressees)
        kept = lifetime_of(EventTypes.get(news.event_type)).events
        alike = {
            **alike,
            "language": addressees[0].reader.language,
            "urgent": news.urgent,
            "delete_at": (digest.due_at if digest else news.created_at) + kept,
            **(digest._asdict() if digest else {}),
        }
        differing = {
            **differing,
            "address": [addressee.reader.email for addressee in addressees],
            "message_id": new_message_ids(len(addressees)),
        }
        return Rows(alike, differing)

    def record(self, rows: Iterable[Rows]) -> None:
        """Write mails, in one statement; what waits for a digest in another."""
        rows = list(rows)
        super().record(part for part in rows if "cadence" not in part.alike)
        super().record(part for part in rows if "cadence" in part.alike)

    def fallbacks(self) -> QuerySet[Any]:
        """Return the stand-ins that wait to be sent: what has gone out cannot be called back."""
        return super().fallbacks().filter(status__in=[Status.PENDING, Status.FAILED])


def size_in_html(body: str) -> int:
    """Return how many bytes a body takes in the HTML form of its mail."""
    return len(linebreaks(body, autoescape=True).encode())


def _reason_against(address: str, suppressed: Collection[str]) -> Reason | None:
    if not address:
        return Reason.NO_ADDRESS
    if not address.isprintable() or len(address) > ADDRESS_LIMIT:
        return Reason.MALFORMED_ADDRESS
    if address.lower() in suppressed:
        return Reason.SUPPRESSED
    name, _at, domain = address.rpartition("@")
    well_formed = _local_part().match(name) and _is_mail_domain(domain)
    return None if well_formed else Reason.MALFORMED_ADDRESS


@cache
def _local_part() -> re.Pattern[str]:
    # Django's is compiled at its first use, and looks at each use whether it is.
    return re.compile(validate_email.user_regex.pattern, validate_email.user_regex.flags)


@lru_cache(maxsize=1024)
def _is_mail_domain(domain: str) -> bool:
    # Many people share few domains, and this is the slow half of the validation.
    try:
        validate_email(f"somebody@{domain}")
    except ValidationError:
        return False
    return True
