"""Sender: e-mails go out one by one over one connection, so that a failure has an owner."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from datetime import timedelta

from django.core.mail.backends.base import BaseEmailBackend
from django.db.models import Exists, F, QuerySet
from django.utils import timezone

from clarion.bus.claims import claim, fail, put_back, said_by, still_held
from clarion.conf import get_settings
from clarion.delivery.attempt import attempt
from clarion.delivery.connection import mail_connection
from clarion.delivery.recheck import RELATED, outdated, preference_of
from clarion.events import EventTypes
from clarion.exceptions import ChannelUnavailable, LeaseLost
from clarion.models import ChannelPause, EmailNotification, Status
from clarion.preferences.decision import Reason
from clarion.preferences.quiet_hours import quiet_until

logger = logging.getLogger("clarion")

BATCH = 50
CHANNEL = "email"
OUTAGE_PAUSE = timedelta(minutes=1)
"""How long mails wait, at no cost in attempts, while the server lets nobody in."""
IDLE_LIMIT = timedelta(seconds=10)
"""A connection that was not used for so long may have been closed by the server."""
TRUST = timedelta(seconds=1)
"""How long a worker believes that a batch is still its own before it asks again."""


class Sender:
    """A worker's connection to the mail server, kept while it has mails to send."""

    def __init__(self) -> None:
        self._connection = mail_connection()
        self._used_at = time.monotonic()

    def send_emails(self, mails: QuerySet[EmailNotification]) -> bool:
        """Send some mails that are due; False if none is, or if the channel is paused."""
        began = time.monotonic()
        batch = claim(mails.filter(~Exists(ChannelPause.in_force(CHANNEL))).select_related(*RELATED), BATCH)
        if not batch:
            return False
        if began - self._used_at > IDLE_LIMIT.total_seconds():
            self._connection.close()
        try:
            _send_batch(self._connection, batch, began)
        except ChannelUnavailable as outage:
            ChannelPause.begin(CHANNEL, OUTAGE_PAUSE, said_by(outage))
            # Without the traceback: it may hold addresses.
            logger.error("e-mail channel unavailable", extra={"error": type(outage).__name__})  # noqa: TRY400
        self._used_at = time.monotonic()
        return True

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


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
