"""The e-mail channel: who has an address, and what their mail says."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives
from django.core.validators import validate_email
from django.db.models import Model, QuerySet
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language_bidi, override

from clarion.channels.base import Channel
from clarion.events import EventTypes
from clarion.links import absolute, followable
from clarion.models import (
    EmailNotification,
    EmailNotificationTemplate,
    NotifiableEvent,
    Status,
    SuppressedAddress,
)
from clarion.models.email_notification import new_message_id
from clarion.models.lifetime import lifetime_of
from clarion.models.person import email_of, language_of
from clarion.preferences.decision import Reason
from clarion.rendering.renderer import Content

ADDRESS_LIMIT = 254
"""RFC 5321, section 4.5.3.1.3, less the angle brackets."""


class EmailChannel(Channel):
    """A mail is a row first: one row, one mail, one address."""

    name = "email"
    template_model = EmailNotificationTemplate
    notification_model = EmailNotification
    text_fields = ("subject", "body")

    def refusals(self, people: Collection[Model]) -> dict[Any, Reason]:
        """Refuse who has no address, one that could not stand alone in a header, or a suppressed one."""
        addresses = {email_of(person).lower() for person in people}
        suppressed = set(
            SuppressedAddress.objects.filter(address__in=addresses).values_list("address", flat=True)
        )
        reasons = {person.pk: _reason_against(email_of(person), suppressed) for person in people}
        return {pk: reason for pk, reason in reasons.items() if reason}

    def compose(self, event: NotifiableEvent, content: Content) -> EmailNotification:
        """Return the mail to be sent, its Message-ID fixed."""
        return EmailNotification(
            event=event,
            person_id=event.person_id,
            address=email_of(event.person),
            subject=content.heading,
            body=content.body,
            link=event.link,
            language=language_of(event.person),
            is_fallback=content.is_fallback,
            message_id=new_message_id(),
            delete_at=event.created_at + lifetime_of(EventTypes.get(event.event_type)).events,
        )

    def fallbacks(self) -> QuerySet[Any]:
        """Return the stand-ins that wait to be sent: what has gone out cannot be called back."""
        return super().fallbacks().filter(status__in=[Status.PENDING, Status.FAILED])


def message_of(mail: EmailNotification) -> EmailMultiAlternatives:
    """Build the message: plain text, and the same words as HTML with everything in them escaped."""
    with override(mail.language):
        context = {
            "mail": mail,
            "link": absolute(followable(mail.link)),
            "preferences": _preferences_url(),
            "direction": "rtl" if get_language_bidi() else "ltr",
        }
        message = EmailMultiAlternatives(
            subject=mail.subject,
            body=render_to_string("clarion/email.txt", context),
            to=[mail.address],
            headers={"Message-ID": mail.message_id, "Auto-Submitted": "auto-generated"},
        )
        message.attach_alternative(render_to_string("clarion/email.html", context), "text/html")
    return message


def _reason_against(address: str, suppressed: Collection[str]) -> Reason | None:
    if not address:
        return Reason.NO_ADDRESS
    if not address.isprintable() or len(address) > ADDRESS_LIMIT:
        return Reason.MALFORMED_ADDRESS
    if address.lower() in suppressed:
        return Reason.SUPPRESSED
    try:
        validate_email(address)
    except ValidationError:
        return Reason.MALFORMED_ADDRESS
    return None


def _preferences_url() -> str:
    try:
        return absolute(reverse("clarion:preferences"))
    except NoReverseMatch:  # a project may leave out clarion.urls
        return ""
