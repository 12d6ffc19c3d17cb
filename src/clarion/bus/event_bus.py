"""EventBus: the one door through which events come in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import connections, transaction
from django.db.models import QuerySet
from django.utils import timezone

from clarion.bus.hints import Job, hint, wake, wake_at
from clarion.events import EventTypes
from clarion.exceptions import (
    IdempotencyConflict,
    InvalidIdempotencyKey,
    InvalidSchedule,
    InvalidSubject,
    InvalidTask,
)
from clarion.faults import fault_point
from clarion.models import EventLog, Status, Withdrawal
from clarion.models.clock import Now
from clarion.models.lifetime import lifetime_of

SCHEDULE_LIMIT = timedelta(days=366)
KEY_LIMIT = 200


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
        declared = EventTypes.get(event_type)
        if idempotency_key is not None:
            _check_key(declared.name, idempotency_key)
        if at is not None:
            _check_schedule(declared.name, at)
        event = EventLog(
            event_type=declared.name,
            urgent=declared.urgent,
            payload_version=declared.version,
            payload=(values := declared.validate(payload)),
            subject=declared.subject_of(values),
            idempotency_key=idempotency_key,
            delete_at=(at or timezone.now()) + lifetime_of(declared).longest,
        )
        if at is not None:
            event.due_at = at
        fault_point("publish.before_insert")
        if idempotency_key is None:
            event.save(force_insert=True)
        else:
            event = _insert_once(event)
        fault_point("publish.after_insert")
        if at is None:
            wake(event.pk)
        else:
            wake_at(at)
        return event

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


def _insert_once(event: EventLog) -> EventLog:
    """Insert the event, or return the first one that has its key. Two queries, no savepoint."""
    # Twice, because retention may delete the first between the two queries.
    first = _insert_or_find(event) or _insert_or_find(event)
    if first is None:
        raise EventLog.DoesNotExist("an event with this key was there and was gone, twice; publish it again")
    if (first.payload_version, first.payload) != (event.payload_version, event.payload):
        raise IdempotencyConflict(
            "idempotency_key",
            f"the key of event #{first.pk} with another payload",
            "the same payload, or a key not used before",
            "derive the key from what happened, such as f'product-created-{product.pk}'",
            event.event_type,
        )
    return first


def _insert_or_find(event: EventLog) -> EventLog | None:
    EventLog.objects.bulk_create([event], ignore_conflicts=True)
    same = EventLog.objects.filter(event_type=event.event_type, idempotency_key=event.idempotency_key)
    return same.first()


def _check_key(event_type: str, key: str) -> None:
    problem = ""
    if not isinstance(key, str):
        problem = type(key).__name__
    elif not key.strip():
        problem = "empty text"
    elif len(key) > KEY_LIMIT:
        problem = f"{len(key)} characters"
    elif not key.isprintable():
        problem = "control characters"
    if problem:
        raise InvalidIdempotencyKey(
            "idempotency_key",
            problem,
            f"1 to {KEY_LIMIT} printable characters",
            "pass a short text that names this one event, or leave it out",
            event_type,
        )


def _check_schedule(event_type: str, at: datetime) -> None:
    problem = fix = ""
    if not isinstance(at, datetime):
        problem, fix = type(at).__name__, "pass a datetime"
    elif timezone.is_naive(at):
        problem, fix = "a naive datetime", "make it aware with django.utils.timezone.make_aware(at)"
    elif at > timezone.now() + SCHEDULE_LIMIT:
        problem, fix = (
            "a time too far ahead",
            "keep the date in your own model and publish when it comes near",
        )
    if problem:
        raise InvalidSchedule(
            "at", problem, f"an aware datetime within {SCHEDULE_LIMIT.days} days", fix, event_type
        )
