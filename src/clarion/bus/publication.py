"""Publication: from what a caller says has happened to rows, one or many at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.utils import timezone

from clarion.database.insertion import Rows, insert_missing
from clarion.database.listed import listed
from clarion.events import EventTypes
from clarion.exceptions import IdempotencyConflict, InvalidIdempotencyKey, InvalidInput, InvalidSchedule
from clarion.models import EventLog
from clarion.models.lifetime import lifetime_of

SCHEDULE_LIMIT = timedelta(days=366)
KEY_LIMIT = 200

_COLUMNS = (
    "event_type",
    "urgent",
    "payload_version",
    "payload",
    "subject",
    "idempotency_key",
    "delete_at",
)
"""What an event is published with; the rest of its row has defaults."""

Firsts = Mapping[tuple[str, str | None], EventLog]
"""The events that have a key, by event type and key."""


class NewEvent(NamedTuple):
    """One event for `EventBus.publish_many`: the arguments of `EventBus.publish`."""

    event_type: str
    payload: Mapping[str, Any]
    idempotency_key: str | None = None
    at: datetime | None = None


def event_of(new: NewEvent) -> EventLog:
    """Return the row of an event, which is not written yet.

    Raises:
        UnknownEventType, InvalidPayload, InvalidIdempotencyKey, InvalidSchedule.
    """
    declared = EventTypes.get(new.event_type)
    if new.idempotency_key is not None:
        _check_key(declared.name, new.idempotency_key)
    if new.at is not None:
        _check_schedule(declared.name, new.at)
    event = EventLog(
        event_type=declared.name,
        urgent=declared.urgent,
        payload_version=declared.version,
        payload=(values := declared.validate(new.payload)),
        subject=declared.subject_of(values),
        idempotency_key=new.idempotency_key,
        delete_at=(new.at or timezone.now()) + lifetime_of(declared).longest,
    )
    if new.at is not None:
        event.due_at = new.at
    return event


def events_of(batch: Sequence[NewEvent], position: int) -> list[EventLog]:
    """Return the rows of events of which the first is at this position of what was handed in.

    Raises:
        UnknownEventType, InvalidPayload, InvalidIdempotencyKey, InvalidSchedule: the message begins
            with the position of the event, as in `events[7]`.
    """
    events = []
    for index, new in enumerate(batch, position):
        try:
            events.append(event_of(new))
        except InvalidInput as invalid:
            invalid.put_in(f"events[{index}]")
            raise
    return events


def insert(event: EventLog) -> EventLog:
    """Insert the event, or return the first one that has its key. Two queries with a key, no savepoint.

    Raises:
        IdempotencyConflict: the first has another payload.
    """
    if event.idempotency_key is None:
        event.save(force_insert=True)
        return event
    # Twice, because retention may delete the first between the two queries.
    first = _insert_or_find(event) or _insert_or_find(event)
    if first is None:
        raise _gone()
    _check_same(event, first)
    return first


def insert_many(events: Sequence[EventLog], position: int) -> None:
    """Insert those events whose keys are new, by a fixed number of statements.

    Raises:
        IdempotencyConflict: the first that has a key has another payload; the message begins with its
            position, as in `events[7]`.
    """
    _insert_missing(events)
    keyed = {index: event for index, event in enumerate(events, position) if event.idempotency_key}
    if not keyed:
        return
    firsts = _firsts_of(list(keyed.values()))
    if gone := [event for event in keyed.values() if _key_of(event) not in firsts]:
        _insert_missing(gone)
        firsts = {**firsts, **_firsts_of(gone)}
    for index, event in keyed.items():
        if _key_of(event) not in firsts:
            raise _gone()
        try:
            _check_same(event, firsts[_key_of(event)])
        except IdempotencyConflict as conflict:
            conflict.put_in(f"events[{index}]")
            raise


def _insert_or_find(event: EventLog) -> EventLog | None:
    EventLog.objects.bulk_create([event], ignore_conflicts=True)
    same = EventLog.objects.filter(event_type=event.event_type, idempotency_key=event.idempotency_key)
    return same.first()


def _insert_missing(events: Sequence[EventLog]) -> None:
    # Apart, because what has no schedule is due by the database's clock.
    now = [event for event in events if not isinstance(event.due_at, datetime)]
    later = [event for event in events if isinstance(event.due_at, datetime)]
    for some, columns in ((now, _COLUMNS), (later, (*_COLUMNS, "due_at"))):
        rows = Rows({}, {name: [getattr(event, name) for event in some] for name in columns})
        insert_missing(EventLog, [rows])


def _firsts_of(events: Sequence[EventLog]) -> Firsts:
    every = EventLog.objects.all()
    key = EventLog._meta.get_field("idempotency_key")
    keys = listed(key, [event.idempotency_key for event in events], every.db)
    types = {event.event_type for event in events}
    firsts = every.filter(event_type__in=types, idempotency_key__in=keys)
    return {_key_of(first): first for first in firsts}


def _key_of(event: EventLog) -> tuple[str, str | None]:
    return event.event_type, event.idempotency_key


def _gone() -> EventLog.DoesNotExist:
    return EventLog.DoesNotExist("an event with this key was there and was gone, twice; publish it again")


def _check_same(event: EventLog, first: EventLog) -> None:
    if (first.payload_version, first.payload) != (event.payload_version, event.payload):
        raise IdempotencyConflict(
            "idempotency_key",
            f"the key of event #{first.pk} with another payload",
            "the same payload, or a key not used before",
            "derive the key from what happened, such as f'product-created-{product.pk}'",
            event.event_type,
        )


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
