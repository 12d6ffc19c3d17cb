"""Retention: what is past its `delete_at` goes, in batches, and never before its work has ended."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import zip_longest
from typing import Any

from django.db import DatabaseError, IntegrityError
from django.db.models import Exists, Model, OuterRef, Q, QuerySet, Window
from django.db.models.functions import Mod, RowNumber

from clarion.database.clock import Now
from clarion.database.deadlock import is_deadlock
from clarion.faults import fault_point
from clarion.models import (
    AppNotification,
    EmailNotification,
    EventLog,
    HandlerRun,
    NotifiableEvent,
    RecipientBatch,
    Status,
)
from clarion.models.work import FINISHED, UNFINISHED

BATCH = 1000
"""Rows that one statement deletes: others wait for no more than these."""

TRIES = 5
"""How often a batch that others get in the way of is begun, before the error is the caller's."""

SHOWN = timedelta(days=3)
"""How long what has died can be seen, and retried, though its time may have come: a weekend."""


def expired() -> Iterator[QuerySet[Model]]:
    """Yield what may be deleted now, children before parents; a parent waits for its last child."""

    def past(model: type[Model]) -> QuerySet[Model]:
        return model._default_manager.filter(delete_at__lte=Now())

    def has(child: type[Model], key: str) -> Exists:
        return Exists(child._default_manager.filter(**{key: OuterRef("pk")}))

    has_ended = Q(status__in=FINISHED) & ~Q(status=Status.DEAD, finished_at__gt=Now() - SHOWN)
    # Whoever has read it is not told of it again by a mail that still waits, for a digest.
    waits = EmailNotification.objects.filter(event=OuterRef("event"), status__in=UNFINISHED)
    yield past(AppNotification).filter(~Exists(waits))
    yield past(EmailNotification).filter(has_ended)
    yield past(NotifiableEvent).filter(
        has_ended, ~has(AppNotification, "event"), ~has(EmailNotification, "event")
    )
    yield past(RecipientBatch).filter(has_ended)
    named = NotifiableEvent.objects.filter(event_log=OuterRef("event"))
    yield past(HandlerRun).filter(
        has_ended, ~has(RecipientBatch, "run"), ~Exists(named), event__status__in=FINISHED
    )
    yield past(EventLog).filter(has_ended, ~has(NotifiableEvent, "event_log"), ~has(HandlerRun, "event"))


def cleanup(deadline: float | None = None) -> dict[str, int]:
    """Delete what has expired; return the number of rows by model.

    Args:
        deadline: on the monotonic clock; past it each model gives one batch more. All goes if None.
    """
    return {rows.model._meta.label: _delete_in_batches(rows, deadline) for rows in expired()}


def count_expired() -> dict[str, int]:
    """Return how many rows of each model could go now; parents of rows counted here follow after them."""
    return {rows.model._meta.label: rows.count() for rows in expired()}


def _delete_in_batches(rows: QuerySet[Any], deadline: float | None) -> int:
    deleted = 0
    for batch in _batches(rows):
        deleted += _deleted(batch)
        fault_point("cleanup.between_batches")
        if deadline is not None and time.monotonic() > deadline:
            break
    return deleted


def _deleted(batch: QuerySet[Any]) -> int:
    """Delete a batch; return how many rows it had."""
    for _again in range(TRIES - 1):
        try:
            return batch._raw_delete(batch.db)  # no cascade: parents wait
        except DatabaseError as error:
            if not _is_worth_a_new_look(error):
                raise
    return batch._raw_delete(batch.db)


def _is_worth_a_new_look(error: DatabaseError) -> bool:
    """Return whether somebody who wrote just then was in the way.

    Databases break a deadlock at whose cost they like. And who waits for a row's lock sees its children as
    they were before: one that came with the lock's end is told of by the foreign key alone.
    """
    return isinstance(error, IntegrityError) or is_deadlock(error)


def _batches(rows: QuerySet[Any]) -> Iterator[QuerySet[Any]]:
    """Yield the rows in ranges of their primary key, with no more than `BATCH` rows in each.

    One look, at the time alone, finds where all ranges begin: who chose each batch by itself would look at
    all that has expired each time. What expires after it is in no range, so that none grows.
    """
    past = rows.model._default_manager.using(rows.db).filter(delete_at__lte=Now())
    place = Mod(Window(RowNumber(), order_by="pk") - 1, BATCH)
    begins = list(past.annotate(place=place).filter(place=0).order_by("pk").values_list("pk", Now()))
    for (begin, moment), end in zip_longest(begins, (pk for pk, _ in begins[1:])):
        batch = rows.filter(pk__gte=begin, delete_at__lte=moment)
        yield batch if end is None else batch.filter(pk__lt=end)
