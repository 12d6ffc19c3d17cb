"""EventBus: the one door through which events come in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import connections, transaction
from django.db.models import QuerySet

from clarion.bus.hints import Job, hint, wake, wake_at
from clarion.bus.publication import NewEvent, event_of, events_of, insert, insert_many
from clarion.database.clock import Now
from clarion.database.writing import writing
from clarion.events import EventTypes
from clarion.exceptions import InvalidSubject, InvalidTask
from clarion.faults import fault_point
from clarion.models import EventLog, Status, Withdrawal

CHUNK = 1000
"""Events that are written together."""


class EventBus:
    """Publishes events and queues work. It has no state; every instance is the same bus."""

    def publish(
        self,
        event_type: str,
        payload: Mapping[str, Any],
        *,
        idempotency_key: str | None = None,
        at: datetime | None = None,
    ) -> EventLog:
        """Record that something happened, as part of the caller's transaction; handlers run after its commit.

        Args:
            event_type: a registered name, such as `EventTypes.PRODUCT_CREATED`.
            payload: JSON values that match the event type's schema.
            idempotency_key: names this one event, so that publishing it again returns the first.
            at: when handlers may run at the earliest, at most 366 days ahead; now by default.

        Raises:
            UnknownEventType, InvalidPayload, InvalidIdempotencyKey, InvalidSchedule: nothing was written.
            IdempotencyConflict: the key was used before with another payload.
        """
        event = event_of(NewEvent(event_type, payload, idempotency_key, at))
        fault_point("publish.before_insert")
        event = insert(event)
        fault_point("publish.after_insert")
        if at is None:
            wake(event.pk)
        else:
            wake_at(at)
        return event

    def publish_many(self, events: Iterable[NewEvent]) -> int:
        """Publish events together, as part of the caller's transaction: all of them, or none.

        They are taken and written 1,000 at a time, each time by at most three statements, and never all
        held: pass a generator for as many as you like.

        Args:
            events: each with what `publish` takes.

        Returns:
            How many events those were, with the ones that had been published before under their key.

        Raises:
            UnknownEventType, InvalidPayload, InvalidIdempotencyKey, InvalidSchedule, IdempotencyConflict:
                nothing was written; the path in the message begins with the event's position, as in
                "events[7].payload.item".
        """
        left, published = iter(events), 0
        # What yields them may read from the database before anything is written.
        with writing():
            while batch := list(islice(left, CHUNK)):
                self._publish_batch(batch, published)
                published += len(batch)
        return published

    def _publish_batch(self, batch: Sequence[NewEvent], position: int) -> None:
        rows = events_of(batch, position)
        fault_point("publish.before_insert")
        insert_many(rows, position)
        fault_point("publish.after_insert")
        moments = {new.at for new in batch}
        for moment in moments:
            if moment is None:
                wake()
            else:
                wake_at(moment)

    def retract(self, event: EventLog) -> bool:
        """Take an event back, as part of the caller's transaction, whatever has come of it.

        After the commit nobody is told of it who was not told before: work that waits ends, unsent mail
        is cancelled, and its inbox items go. Mail that has left stays where it is.

        Returns:
            Whether there was something to take back; False for an event that is gone, or was retracted.
        """
        events = EventLog.objects.filter(pk=event.pk).exclude(withdrawal=Withdrawal.RETRACTED)
        return bool(_withdraw(events, Withdrawal.RETRACTED))

    def resolve(self, subject: str) -> int:
        """Settle what events are about, as part of the caller's transaction: nobody need act on them now.

        All events of the subject that were published so far, even for later, end as if nobody waited for
        them: work that waits ends, unsent mail is cancelled, and inbox items are read and marked as resolved.

        Args:
            subject: as the event types' `subject` makes it, such as "product:7".

        Returns:
            How many events that settled.

        Raises:
            InvalidSubject: it is empty, or no text.
        """
        _check_subject(subject)
        return _withdraw(EventLog.objects.filter(subject=subject, withdrawal=""), Withdrawal.RESOLVED)

    def enqueue_task(self, task: str, params: Mapping[str, int], event_type: str) -> None:
        """Queue work on one stored row, after the commit.

        Args:
            task: a job's name, alone or at the end of a dotted path: "clarion.jobs.process_notification".
            params: one name and the row's primary key: `{"event_id": notifiable_event.id}`. A hint
                carries no more than that; everything else is read from the row.
            event_type: the registered event type that the row belongs to.

        Raises:
            UnknownEventType: the event type is not registered.
            InvalidTask: there is no such job, or `params` is not one primary key.
        """
        EventTypes.get(event_type)
        name = task.rpartition(".")[2]
        if name not in list(Job):
            raise InvalidTask("task", repr(task), f"one of {', '.join(Job)}", "name a job of clarion.jobs")
        if len(params) != 1 or type(key := next(iter(params.values()))) is not int:
            raise InvalidTask(
                "params",
                f"keys {sorted(params)}",
                "one name with an int",
                'pass {"event_id": notifiable_event.id}',
            )
        hint(Job(name), key)


_bus = EventBus()


def get_event_bus() -> EventBus:
    """Return the event bus."""
    return _bus


def _check_subject(subject: object) -> None:
    problem = ""
    if not isinstance(subject, str):
        problem = type(subject).__name__
    elif not subject:
        problem = "empty text"
    elif "\0" in subject:
        problem = "a NUL"
    if problem:
        raise InvalidSubject(
            "subject",
            problem,
            "the subject of some events",
            'pass it as the event types make it, as in f"product:{product.pk}"',
        )


def _withdraw(events: QuerySet[EventLog], withdrawal: Withdrawal) -> int:
    with transaction.atomic():
        # In one order everywhere, so that two that withdraw the same events cannot deadlock.
        no_key = connections[events.db].features.has_select_for_no_key_update
        keys = list(events.select_for_update(no_key=no_key).order_by("pk").values_list("pk", flat=True))
        EventLog.objects.filter(pk__in=keys).update(
            withdrawal=withdrawal,
            status=Status.PENDING,
            attempts=0,
            due_at=Now(),
            lease_token=None,
            finished_at=None,
        )
        for key in keys:
            wake(key)
    return len(keys)
