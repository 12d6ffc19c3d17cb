"""Sender: e-mails go out one by one over one connection, so that a failure has an owner."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from django.core.mail.backends.base import BaseEmailBackend
from django.db.models import F, QuerySet
from django.utils import timezone

from clarion.bus.claims import claim, fail, put_back, while_due
from clarion.bus.hints import Job, hint
from clarion.conf import get_settings
from clarion.delivery.attempt import attempt
from clarion.delivery.connection import mail_connection
from clarion.delivery.recheck import RELATED, outdated
from clarion.exceptions import ChannelUnavailable, LeaseLost
from clarion.models import ChannelPause, EmailNotification, NotifiableEvent, Status

logger = logging.getLogger("clarion")

BATCH = 50
CHANNEL = "email"
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

    def claim_next() -> list[EmailNotification]:
        return [] if ChannelPause.holds(CHANNEL) else claim(rows.select_related(*RELATED), BATCH)

    try:
        for batch in while_due(claim_next, rest=partial(hint, job, row_id)):
            _send_batch(connection, batch)
    except ChannelUnavailable as outage:
        pause = {"until": timezone.now() + OUTAGE_PAUSE, "error": str(outage)}
        ChannelPause.objects.update_or_create(channel=CHANNEL, defaults=pause)
        # Without the traceback: it may hold addresses.
        logger.error("e-mail channel unavailable", extra={"error": type(outage).__name__})  # noqa: TRY400
    finally:
        connection.close()


def _send_batch(connection: BaseEmailBackend, batch: Sequence[EmailNotification]) -> None:
    try:
        reasons = outdated(batch)
    except Exception as error:  # noqa: BLE001  # an event type's own audience may raise anything
        _fail_all(batch, error)
        return
    # Half a lease, so that a slow server never makes two workers send the same mail.
    deadline = time.monotonic() + get_settings().LEASE.total_seconds() / 2
    for position, mail in enumerate(batch):
        if time.monotonic() > deadline:
            put_back(batch[position:], status=Status.PENDING, attempts=F("attempts") - 1)
            return
        try:
            attempt(connection, mail, reasons.get(mail.pk))
        except ChannelUnavailable as outage:
            uncounted = {"status": Status.FAILED, "attempts": F("attempts") - 1, "error": str(outage)}
            put_back(batch[position:], OUTAGE_PAUSE, **uncounted)
            raise


def _fail_all(batch: Sequence[EmailNotification], error: Exception) -> None:
    for mail in batch:
        try:
            fail(mail, error)
        except LeaseLost:
            logger.warning("lease lost; another worker has this mail", extra={"email_id": mail.pk})
