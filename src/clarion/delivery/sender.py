"""Sender: e-mails go out one by one over one connection, so that a failure has an owner."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial

from django.core.mail.backends.base import BaseEmailBackend
from django.db.models import F, QuerySet
from django.utils import timezone

from clarion.bus.claims import claim, fail, put_back, said_by, still_held, while_due
from clarion.bus.hints import Job, hint
from clarion.conf import get_settings
from clarion.delivery.attempt import attempt
from clarion.delivery.connection import mail_connection
from clarion.delivery.recheck import RELATED, outdated, preference_of
from clarion.events import EventTypes
from clarion.exceptions import ChannelUnavailable, LeaseLost
from clarion.models import ChannelPause, EmailNotification, NotifiableEvent, Status
from clarion.preferences.decision import Reason
from clarion.preferences.quiet_hours import quiet_until

logger = logging.getLogger("clarion")

BATCH = 50
CHANNEL = "email"
OUTAGE_PAUSE = timedelta(minutes=1)
"""How long mails wait, at no cost in attempts, while the server lets nobody in."""
TRUST = timedelta(seconds=1)
"""How long a worker believes that a batch is still its own before it asks again."""


def send_email(email_id: int) -> None:
    """Send one e-mail, if it is due."""
    _send_due(EmailNotification.objects.filter(pk=email_id), Job.SEND_EMAIL, email_id)


def send_emails(event_id: int) -> None:
    """Send the e-mails of an event that are due."""
    told = NotifiableEvent.objects.filter(event_log=event_id)
    _send_due(EmailNotification.objects.filter(event__in=told), Job.SEND_EMAILS, event_id)


def _send_due(rows: QuerySet[EmailNotification], job: Job, row_id: int) -> None:
    connection = mail_connection()

    def claim_next() -> list[EmailNotification]:
        return [] if ChannelPause.holds(CHANNEL) else claim(rows.select_related(*RELATED), BATCH)

    began = time.monotonic()
    try:
        for batch in while_due(claim_next, rest=partial(hint, job, row_id)):
            _send_batch(connection, batch, began)
            began = time.monotonic()
    except ChannelUnavailable as outage:
        ChannelPause.begin(CHANNEL, OUTAGE_PAUSE, said_by(outage))
        # Without the traceback: it may hold addresses.
        logger.error("e-mail channel unavailable", extra={"error": type(outage).__name__})  # noqa: TRY400
    finally:
        connection.close()


def _send_batch(connection: BaseEmailBackend, batch: Sequence[EmailNotification], began: float) -> None:
    """Send a batch that was claimed at `began`, on the monotonic clock, or a little later."""
    try:
        reasons = outdated(batch)
    except Exception as error:  # noqa: BLE001  # an event type's own audience may raise anything
        _fail_all(batch, error)
        return
    batch = _without_those_in_quiet_hours(batch, reasons)
    # Half a lease, so that a slow server never makes two workers send the same mail.
    deadline = began + get_settings().LEASE.total_seconds() / 2
    asked, held = began, {mail.pk for mail in batch}
    for position, mail in enumerate(batch):
        now = time.monotonic()
        if now > deadline:
            put_back(batch[position:], status=Status.PENDING, attempts=F("attempts") - 1)
            return
        if now - asked > TRUST.total_seconds():
            # This process may have been stopped meanwhile, and others may have sent what it holds.
            asked, held = now, still_held(batch[position:])
        if mail.pk not in held:
            logger.warning("lease lost; another worker has this mail", extra={"email_id": mail.pk})
            continue
        try:
            attempt(connection, mail, reasons.get(mail.pk))
        except ChannelUnavailable as outage:
            uncounted = {"status": Status.FAILED, "attempts": F("attempts") - 1, "error": said_by(outage)}
            put_back(batch[position:], OUTAGE_PAUSE, **uncounted)
            raise


def _without_those_in_quiet_hours(
    batch: Sequence[EmailNotification], reasons: Mapping[int, Reason]
) -> list[EmailNotification]:
    """Put off the mails whose people want none now, at no cost in attempts; return the others."""
    now, others = timezone.now(), []
    for mail in batch:
        is_mandatory = EventTypes.get(mail.event.event_type).mandatory
        end = None if is_mandatory or mail.pk in reasons else quiet_until(preference_of(mail.person), now)
        if end is None:
            others.append(mail)
        else:
            put_back([mail], end - now, status=Status.PENDING, attempts=F("attempts") - 1)
    return others


def _fail_all(batch: Sequence[EmailNotification], error: Exception) -> None:
    for mail in batch:
        logger.warning("e-mail not sent", extra={"email_id": mail.pk, "error": type(error).__name__})
        try:
            fail(mail, error)
        except LeaseLost:
            logger.warning("lease lost; another worker has this mail", extra={"email_id": mail.pk})
