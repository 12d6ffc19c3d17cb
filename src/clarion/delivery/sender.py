"""Sender: e-mails go out one by one over one connection, so that a failure has an owner."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from smtplib import SMTPException

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.db.models import F, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from clarion.bus.claims import claim, fail, finish, put_back, while_due
from clarion.bus.hints import Job, hint
from clarion.channels.email import message_of
from clarion.conf import get_settings
from clarion.delivery.connection import mail_connection
from clarion.delivery.recheck import RELATED, outdated
from clarion.delivery.smtp import meaning_of
from clarion.exceptions import ChannelUnavailable, LeaseLost, TransientError
from clarion.faults import fault_point
from clarion.models import EmailNotification, NotifiableEvent, Status
from clarion.models.person import email_of
from clarion.preferences.decision import Reason

logger = logging.getLogger("clarion")

BATCH = 50
OUTAGE_PAUSE = timedelta(minutes=1)
"""How long mails wait, at no cost in attempts, while the server lets nobody in."""


def send_email(email_id: int) -> None:
    """Send one e-mail, if it is due."""
    _send_due(EmailNotification.objects.filter(pk=email_id), Job.SEND_EMAIL, email_id)


def send_emails(event_id: int) -> None:
    """Send the e-mails of an event that are due."""
    told = NotifiableEvent.objects.filter(event_log=event_id)
    _send_due(EmailNotification.objects.filter(event__in=told), Job.SEND_EMAILS, event_id)


def _send_due(rows: QuerySet[EmailNotification], job: Job, row_id: int) -> None:
    connection = mail_connection()
    try:
        claim_next = partial(claim, rows.select_related(*RELATED), BATCH)
        for batch in while_due(claim_next, rest=partial(hint, job, row_id)):
            _send_batch(connection, batch)
    except ChannelUnavailable as outage:
        # Without the traceback: it may hold addresses.
        logger.error("e-mail channel unavailable", extra={"error": type(outage).__name__})  # noqa: TRY400
    finally:
        connection.close()


def _send_batch(connection: BaseEmailBackend, batch: Sequence[EmailNotification]) -> None:
    # Half a lease, so that a slow server never makes two workers send the same mail.
    deadline = time.monotonic() + get_settings().LEASE.total_seconds() / 2
    try:
        reasons = outdated(batch)
    except Exception as error:  # noqa: BLE001  # an event type's own audience may raise anything
        for mail in batch:
            _record(partial(fail, mail, error), mail)
        return
    for position, mail in enumerate(batch):
        if time.monotonic() > deadline:
            put_back(batch[position:], status=Status.PENDING, attempts=F("attempts") - 1)
            return
        try:
            _conclude(connection, mail, reasons.get(mail.pk))
        except ChannelUnavailable as outage:
            put_back(
                batch[position:],
                OUTAGE_PAUSE,
                status=Status.FAILED,
                attempts=F("attempts") - 1,
                error=f"{type(outage).__name__}: {outage}",
            )
            raise


def _conclude(connection: BaseEmailBackend, mail: EmailNotification, reason: Reason | None) -> None:
    if reason:
        _record(partial(finish, [mail], Status.CANCELLED, note=reason.value), mail)
    elif mail.delete_at <= timezone.now():
        late = f"not sent within its retention; last error: {mail.error or 'none'}"
        _record(partial(finish, [mail], Status.DEAD, error=late), mail)
    else:
        _deliver(connection, mail)


def _deliver(connection: BaseEmailBackend, mail: EmailNotification) -> None:
    mail.address = email_of(mail.person)
    try:
        _hand_over(connection, message_of(mail))
    except Exception as error:  # noqa: BLE001  # mail backends have exceptions of their own; each is recorded
        meaning = meaning_of(error)
        if isinstance(meaning, ChannelUnavailable):
            raise meaning from None
        logger.warning("e-mail refused", extra={"email_id": mail.pk, "error": type(meaning).__name__})
        _record(partial(fail, mail, meaning, address=mail.address), mail)
        if isinstance(meaning, TransientError):
            # The conversation may be broken; the next mail begins a new one.
            connection.close()
    else:
        _record(partial(finish, [mail], Status.SENT, sent_at=Now(), address=mail.address), mail)


def _hand_over(connection: BaseEmailBackend, message: EmailMessage) -> None:
    try:
        connection.open()
    except (OSError, SMTPException) as unreachable:
        raise ChannelUnavailable(f"{type(unreachable).__name__}: {unreachable}") from None
    fault_point("send.before_smtp")
    if connection.send_messages([message]) == 0:
        raise TransientError("the mail backend sent nothing")
    fault_point("send.after_smtp")


def _record(write: Callable[[], None], mail: EmailNotification) -> None:
    try:
        write()
    except LeaseLost:
        logger.warning("lease lost; another worker has this mail", extra={"email_id": mail.pk})
