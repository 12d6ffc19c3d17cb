"""Sender: messages go out one by one over one connection, so that a failure has an owner."""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

from django.db.models import Exists, QuerySet
from django.utils import timezone

from clarion.bus.claims import claim, fail, put_back_unbegun, still_held
from clarion.bus.engines.base import get_engine
from clarion.bus.error_text import said_by
from clarion.conf import get_settings
from clarion.delivery.attempt import attempt
from clarion.delivery.connection import mail_connection
from clarion.delivery.digest import first_of_each_digest, gather, messages, without_parted
from clarion.delivery.recheck import RELATED, outdated, preference_of
from clarion.delivery.session import Session
from clarion.events import EventTypes
from clarion.exceptions import ChannelUnavailable, LeaseLost
from clarion.models import ChannelPause, EmailNotification, Status
from clarion.preferences.decision import Reason
from clarion.preferences.quiet_hours import quiet_until

logger = logging.getLogger("clarion")

BATCH, LARGEST_BATCH = 50, 400
BATCH_TIME = timedelta(seconds=1)
"""A batch that took less than half of it is followed by one of twice the size: all of them are held until the
last is sent, and what is urgent waits for them, so that a slow server is given few at a time."""
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
        self._size = BATCH

    def send_emails(self, mails: QuerySet[EmailNotification]) -> bool:
        """Send some mails that are due; False if none is, or if the channel is paused."""
        began = time.monotonic()
        mails = mails.select_related(*RELATED)
        free = mails.filter(first_of_each_digest(), ~Exists(ChannelPause.in_force(CHANNEL)))
        # What a worker died with may be why it died: sent alone, it takes no other with it.
        batch = claim(free.exclude(status=Status.RUNNING), self._size) or claim(free)
        if not batch:
            return False
        batch = gather(EmailNotification.objects.select_related(*RELATED), batch)
        if began - self._used_at > IDLE_LIMIT.total_seconds():
            self._connection.close()
        try:
            session = Session(self._connection)
            with session.deadline.watching():
                _send_batch(session, batch, began)
        except ChannelUnavailable as outage:
            ChannelPause.begin(CHANNEL, OUTAGE_PAUSE, said_by(outage))
            # Without the traceback: it may hold addresses.
            logger.error("e-mail channel unavailable", extra={"error": type(outage).__name__})  # noqa: TRY400
        self._used_at = time.monotonic()
        is_quick = self._used_at - began < BATCH_TIME.total_seconds() / 2
        self._size = min(self._size * 2, LARGEST_BATCH) if is_quick else BATCH
        return True

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def _send_batch(session: Session, batch: Sequence[EmailNotification], began: float) -> None:
    """Send a batch that was claimed at `began`, on the monotonic clock, or a little later."""
    batch, reasons = _rechecked(batch)
    waiting = _without_those_in_quiet_hours(messages(without_parted(batch)), reasons)
    # Half a lease, so that a slow server never makes two workers send the same mail.
    deadline = began + get_settings().LEASE.total_seconds() / 2
    asked, held = began, {mail.pk for mail in batch}
    for position, message in enumerate(waiting):
        now = time.monotonic()
        if now > deadline:
            put_back_unbegun(_all_from(position, waiting))
            return
        if now - asked > TRUST.total_seconds():
            # This process may have been stopped meanwhile, and others may have sent what it holds.
            asked, held = now, still_held(_all_from(position, waiting))
        ours = [mail for mail in message if mail.pk in held]
        if not ours:
            logger.warning("lease lost; another worker has this mail", extra={"email_id": message[0].pk})
            continue
        try:
            attempt(session, ours, reasons)
        except ChannelUnavailable as outage:
            held_up = {"status": Status.FAILED, "error": said_by(outage)}
            put_back_unbegun(_all_from(position, waiting), OUTAGE_PAUSE, **held_up)
            raise


def _all_from(position: int, waiting: Sequence[list[EmailNotification]]) -> list[EmailNotification]:
    return [mail for message in waiting[position:] for mail in message]


def _rechecked(
    batch: Sequence[EmailNotification],
) -> tuple[Sequence[EmailNotification], dict[int, Reason]]:
    """Return the mails that could be asked about, and why some should not go out; others have failed."""
    try:
        return batch, get_engine().call_within_limit(partial(outdated, batch))
    except Exception as error:  # noqa: BLE001  # an event type's own audience may raise anything
        by_type: dict[str, list[EmailNotification]] = defaultdict(list)
        for mail in batch:
            by_type[mail.event.event_type].append(mail)
        if len(by_type) == 1:
            _fail_all(batch, error)
            return [], {}
    # Asked again one by one: what is wrong with one event type keeps the mails of no other.
    checked: list[EmailNotification] = []
    reasons: dict[int, Reason] = {}
    for mails in by_type.values():
        of_type, against = _rechecked(mails)
        checked += of_type
        reasons |= against
    return checked, reasons


def _without_those_in_quiet_hours(
    waiting: Sequence[list[EmailNotification]], reasons: Mapping[int, Reason]
) -> list[list[EmailNotification]]:
    """Put off the messages whose people want none now, at no cost in attempts; return the others."""
    now, others = timezone.now(), []
    for message in waiting:
        wanted = [mail for mail in message if mail.pk not in reasons]
        end = _quiet_until(wanted[0], now) if wanted else None
        if end is None:
            others.append(message)
            continue
        put_back_unbegun(wanted, end - now)
        if unwanted := [mail for mail in message if mail.pk in reasons]:
            others.append(unwanted)
    return others


def _quiet_until(mail: EmailNotification, now: datetime) -> datetime | None:
    is_mandatory = EventTypes.get(mail.event.event_type).mandatory
    return None if is_mandatory else quiet_until(preference_of(mail.person), now)


def _fail_all(batch: Sequence[EmailNotification], error: Exception) -> None:
    for mail in batch:
        logger.warning("e-mail not sent", extra={"email_id": mail.pk, "error": type(error).__name__})
        try:
            fail([mail], error)
        except LeaseLost:
            logger.warning("lease lost; another worker has this mail", extra={"email_id": mail.pk})
