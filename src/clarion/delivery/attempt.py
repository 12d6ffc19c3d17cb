"""Attempt: one message, handed to the mail server once, and what came of it."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from functools import partial

from django.utils import timezone

from clarion.bus.claims import fail, finish, keep, presume
from clarion.bus.engines.base import get_engine
from clarion.bus.error_text import said_by
from clarion.database.clock import Now
from clarion.delivery.message import digest_of
from clarion.delivery.session import HandOver, Session
from clarion.delivery.smtp import meaning_of
from clarion.events import EventTypes
from clarion.exceptions import AddressRefused, AnswerLost, ChannelUnavailable, LeaseLost, TransientError
from clarion.faults import fault_point
from clarion.models import EmailNotification, Status, SuppressedAddress
from clarion.models.email_notification import digest_message_id
from clarion.models.person import email_of
from clarion.preferences.decision import Reason

logger = logging.getLogger("clarion")

_NOW = Now()  # one object, as in claims
NO_ANSWER = "the worker ended before it saw the mail server's answer"


def attempt(session: Session, mails: Sequence[EmailNotification], reasons: Mapping[int, Reason]) -> None:
    """Send claimed mails of one person in one message, and record what came of it.

    Args:
        session: with the mail server.
        mails: one, or those of a digest.
        reasons: by primary key, why a mail should not go out; it ends unsent.

    Raises:
        ChannelUnavailable: the server lets nobody in; nothing was recorded of those that should go out.
    """
    try:
        left = [mail for mail in mails if not _end_unsent(mail, reasons.get(mail.pk))]
        if left:
            _send(session, left)
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


def _send(session: Session, mails: Sequence[EmailNotification]) -> None:
    first = mails[0]
    address = email_of(first.person)
    for mail in mails:
        mail.address = address
    # A digest holds none of these.
    at_most_once = EventTypes.get(first.event.event_type).at_most_once
    try:
        hand_over = get_engine().call_within_limit(partial(_ready, session, mails))
        with session.deadline.one_message():
            session.open()
            if at_most_once:
                presume(first, Status.UNKNOWN, error=NO_ANSWER)
            _hand_over(hand_over)
    except LeaseLost:
        raise
    except Exception as error:  # noqa: BLE001  # mail backends have exceptions of their own; each is recorded
        meaning = meaning_of(error)
        if isinstance(meaning, ChannelUnavailable):
            raise meaning from None
        logger.warning("e-mail not sent", extra={"email_id": first.pk, "error": type(meaning).__name__})
        if isinstance(meaning, TransientError):
            # The conversation may be broken; the next mail begins a new one.
            session.close()
        if at_most_once and isinstance(meaning, AnswerLost):
            finish(mails, Status.UNKNOWN, error=said_by(meaning), address=address)
        else:
            fail(mails, meaning, address=address)
        if isinstance(meaning, AddressRefused):
            suppressed = {"error": said_by(meaning)}
            SuppressedAddress.objects.get_or_create(address=address.lower(), defaults=suppressed)
    else:
        finish(mails, Status.SENT, sent_at=_NOW, address=address)


def _ready(session: Session, mails: Sequence[EmailNotification]) -> HandOver:
    if len(mails) == 1:
        return session.ready(mails[0])
    message_id = digest_message_id(mails[0].message_id)
    if any(mail.message_id != message_id for mail in mails):
        # Before it is handed over: should it arrive unseen, the next attempt is known by the same Message-ID.
        keep(mails, message_id=message_id)
    return session.ready_message(digest_of(mails, message_id))


def _hand_over(hand_over: HandOver) -> None:
    fault_point("send.before_smtp")
    try:
        hand_over()
        fault_point("send.after_smtp")
    except Exception as error:  # noqa: BLE001  # mail backends have exceptions of their own
        raise meaning_of(error, unanswered=AnswerLost) from None
