"""Attempt: one mail, handed to the mail server once, and what came of it."""

from __future__ import annotations

import logging
from smtplib import SMTPException

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone

from clarion.bus.claims import fail, finish, presume, said_by
from clarion.channels.email import message_of
from clarion.conf import get_settings
from clarion.delivery.deadline import deadline
from clarion.delivery.smtp import meaning_of
from clarion.events import EventTypes
from clarion.exceptions import AddressRefused, AnswerLost, ChannelUnavailable, LeaseLost, TransientError
from clarion.faults import fault_point
from clarion.models import EmailNotification, Status, SuppressedAddress
from clarion.models.clock import Now
from clarion.models.person import email_of
from clarion.preferences.decision import Reason

logger = logging.getLogger("clarion")

SHARE_OF_LEASE = 0.4
"""How much of it one mail may take. It begins in the first half, so it ends while the mail is still ours."""

NO_ANSWER = "the worker ended before it saw the mail server's answer"


def attempt(connection: BaseEmailBackend, mail: EmailNotification, reason_against: Reason | None) -> None:
    """Send a claimed mail, or end it unsent, and record which.

    Raises:
        ChannelUnavailable: the server lets nobody in; nothing was recorded.
    """
    try:
        if reason_against:
            finish([mail], Status.CANCELLED, note=reason_against.value)
        elif mail.delete_at <= timezone.now():
            late = f"not sent within its retention; last error: {mail.error or 'none'}"
            finish([mail], Status.DEAD, error=late)
        else:
            _send(connection, mail)
    except LeaseLost:
        logger.warning("lease lost; another worker has this mail", extra={"email_id": mail.pk})


def _send(connection: BaseEmailBackend, mail: EmailNotification) -> None:
    mail.address = email_of(mail.person)
    at_most_once = EventTypes.get(mail.event.event_type).at_most_once
    try:
        message = message_of(mail)
        with deadline(connection, get_settings().LEASE.total_seconds() * SHARE_OF_LEASE):
            _open(connection)
            if at_most_once:
                presume(mail, Status.UNKNOWN, error=NO_ANSWER)
            _hand_over(connection, message)
    except LeaseLost:
        raise
    except Exception as error:  # noqa: BLE001  # mail backends have exceptions of their own; each is recorded
        meaning = meaning_of(error)
        if isinstance(meaning, ChannelUnavailable):
            raise meaning from None
        logger.warning("e-mail not sent", extra={"email_id": mail.pk, "error": type(meaning).__name__})
        if isinstance(meaning, TransientError):
            # The conversation may be broken; the next mail begins a new one.
            connection.close()
        if at_most_once and isinstance(meaning, AnswerLost):
            finish([mail], Status.UNKNOWN, error=said_by(meaning), address=mail.address)
        else:
            fail(mail, meaning, address=mail.address)
        if isinstance(meaning, AddressRefused):
            suppressed = {"error": said_by(meaning)}
            SuppressedAddress.objects.get_or_create(address=mail.address.lower(), defaults=suppressed)
    else:
        finish([mail], Status.SENT, sent_at=Now(), address=mail.address)


def _open(connection: BaseEmailBackend) -> None:
    try:
        connection.open()
    except (OSError, SMTPException) as unreachable:
        raise ChannelUnavailable(f"{type(unreachable).__name__}: {unreachable}") from None


def _hand_over(connection: BaseEmailBackend, message: EmailMessage) -> None:
    fault_point("send.before_smtp")
    try:
        taken = connection.send_messages([message])
        fault_point("send.after_smtp")
    except Exception as error:  # noqa: BLE001  # mail backends have exceptions of their own
        raise meaning_of(error, unanswered=AnswerLost) from None
    if taken == 0:
        raise TransientError("the mail backend sent nothing")
