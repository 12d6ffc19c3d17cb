"""Withdrawal: an event that was retracted or resolved reaches nobody any more."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Coalesce

from clarion.bus.claims import claim, fail, finish
from clarion.bus.heartbeat import heartbeat
from clarion.database.clock import Now
from clarion.exceptions import LeaseLost
from clarion.faults import fault_point
from clarion.models import (
    AppNotification,
    EmailNotification,
    EventLog,
    NotifiableEvent,
    RecipientBatch,
    Status,
    Withdrawal,
)
from clarion.models.work import UNFINISHED
from clarion.realtime.announcement import announce

logger = logging.getLogger("clarion")

CHUNK = 1000
"""People whose mails and inbox items are taken back in one statement each."""


def withdraw_events(events: QuerySet[EventLog]) -> bool:
    """Take back what came of one event that was withdrawn; False if there is none to do."""
    claimed = claim(events.exclude(withdrawal=""))
    for event in claimed:
        try:
            _attempt(event)
        except LeaseLost:
            logger.warning("lease lost; another worker has this event", extra={"event_id": event.pk})
    return bool(claimed)


def _attempt(event: EventLog) -> None:
    try:
        with heartbeat([event]):
            _withdraw(event)
            finish([event], Status.CANCELLED, note=event.withdrawal)
    except LeaseLost:
        raise
    except Exception as error:  # noqa: BLE001  # recorded, as every failure is
        about = {"event_id": event.pk, "error": type(error).__name__}
        logger.error("withdrawal failed", extra=about)  # noqa: TRY400  # the row keeps what was said
        fail([event], error)


def _withdraw(event: EventLog) -> None:
    # From the top down: what is above has ended for good before what it led to is looked for. Whoever is
    # at work on it loses the lease, and with it all that is not committed.
    runs = event.runs.all()
    batches = RecipientBatch.objects.filter(run__in=runs)
    for rows in (runs, batches, event.notifiable_events.all()):
        _cancel(rows.filter(status__in=UNFINISHED), event)
    for told in _in_chunks(event):
        # A mail that is being sent is left to its sender.
        mails = EmailNotification.objects.filter(event__in=told)
        _cancel(mails.filter(status__in=(Status.PENDING, Status.FAILED)), event)
        items = AppNotification.objects.filter(event__in=told)
        if event.withdrawal == Withdrawal.RETRACTED:
            items._raw_delete(items.db)
        else:
            items.filter(resolved_at=None).update(
                resolved_at=Now(), is_read=True, read_at=Coalesce("read_at", Now())
            )
        announce(told.values_list("person_id", flat=True))
        fault_point("withdrawal.between_chunks")


def _cancel(rows: QuerySet[Any], event: EventLog) -> None:
    rows.update(
        status=Status.CANCELLED, note=event.withdrawal, finished_at=Now(), due_at=None, lease_token=None
    )


def _in_chunks(event: EventLog) -> Iterator[QuerySet[NotifiableEvent]]:
    """Yield all who were told of the event, in the order of an index that begins with the event."""
    people = event.notifiable_events.order_by("person_id").values_list("person_id", flat=True)
    keys = list(people[:CHUNK])
    while keys:
        yield event.notifiable_events.filter(person__gte=keys[0], person__lte=keys[-1])
        keys = list(people.filter(person__gt=keys[-1])[:CHUNK])
