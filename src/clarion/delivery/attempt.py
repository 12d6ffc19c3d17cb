"""Attempt: one message, handed to the mail server once, and what came of it."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from smtplib import SMTPException

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone

from clarion.bus.claims import fail_together, finish, keep, presume, said_by
from clarion.channels.email import digest_of, message_of
from clarion.conf import get_settings
from clarion.delivery.deadline import deadline
from clarion.delivery.smtp import meaning_of
from clarion.events import EventTypes
from clarion.exceptions import AddressRefused, AnswerLost, ChannelUnavailable, LeaseLost, TransientError
from clarion.faults import fault_point
from clarion.models import EmailNotification, Status, SuppressedAddress
from clarion.models.clock import Now
from clarion.models.email_notification import digest_message_id
from clarion.models.person import email_of
from clarion.preferences.decision import Reason

logger = logging.getLogger("clarion")

SHARE_OF_LEASE = 0.4
"""How much of it one message may take. It begins in the first half, so it ends while the mails are ours."""

NO_ANSWER = "the worker ended before it saw the mail server's answer"


def attempt(
    connection: BaseEmailBackend, mails: Sequence[EmailNotification], reasons: Mapping[int, Reason]
) -> None:
    """Send claimed mails of one person in one message, and record what came of it.

    Args:
        connection: to the mail server.
        mails: one, or those of a digest.
        reasons: by primary key, why a mail should not go out; it ends unsent.

    Raises:
        ChannelUnavailable: the server lets nobody in; nothing was recorded of those that should go out.
    """
    try:
        left = [mail for mail in mails if not _end_unsent(mail, reasons.get(mail.pk))]
        if left:
            _send(connection, left)
    except LeaseLost:
        logger.warning("lease lost; another worker has this mail", extra={"email_id": mails[0].pk})


def _end_unsent(mail: EmailNotification, reason_against: Reason | None) -> bool:
    """Record why a mail does not go out; False if it should."""
    if reason_against:
        finish([mail], Status.CANCELLED, note=reason_against.value)
    elif mail.delete_at <= timezone.now():
        late = f"not sent within its retention; last error: {mail.error or 'none'}"
        finish([mail], Status.DEAD, error=late)
    else:
        return False
    return True


def _send(connection: BaseEmailBackend, mails: Sequence[EmailNotification]) -> None:
    first = mails[0]
    address = email_of(first.person)
    for mail in mails:
        mail.address = address
    # A digest holds none of these.
    at_most_once = EventTypes.get(first.event.event_type).at_most_once
    try:
        message = _message(mails)
        with deadline(connection, get_settings().LEASE.total_seconds() * SHARE_OF_LEASE):
            _open(connection)
            if at_most_once:
                presume(first, Status.UNKNOWN, error=NO_ANSWER)
            _hand_over(connection, message)
    except LeaseLost:
        raise
    except Exception as error:  # noqa: BLE001  # mail backends have exceptions of their own; each is recorded
        meaning = meaning_of(error)
        if isinstance(meaning, ChannelUnavailable):
            raise meaning from None
        logger.warning("e-mail not sent", extra={"email_id": first.pk, "error": type(meaning).__name__})
        if isinstance(meaning, TransientError):
            # The conversation may be broken; the next mail begins a new one.
            connection.close()
        if at_most_once and isinstance(meaning, AnswerLost):
            finish(mails, Status.UNKNOWN, error=said_by(meaning), address=address)
        else:
            fail_together(mails, meaning, address=address)
        if isinstance(meaning, AddressRefused):
            suppressed = {"error": said_by(meaning)}
            SuppressedAddress.objects.get_or_create(address=address.lower(), defaults=suppressed)
    else:
        finish(mails, Status.SENT, sent_at=Now(), address=address)


def _message(mails: Sequence[EmailNotification]) -> EmailMessage:
    if len(mails) == 1:
        return message_of(mails[0])
    message_id = digest_message_id(mails[0].message_id)
    if any(mail.message_id != message_id for mail in mails):
        # Before it is handed over: should it arrive unseen, the next attempt is known by the same Message-ID.
        keep(mails, message_id=message_id)
    return digest_of(mails, message_id)


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
