"""Assertions: who was told of what, and if not, why not."""

from __future__ import annotations

from django.db.models import Model

from clarion.events import EventTypes
from clarion.models import EventLog, NotifiableEvent, RecipientBatch
from clarion.models.person import get_person_model
from clarion.models.work import UNFINISHED
from clarion.preferences.decision import Reason


def assert_notified(person: Model, event_type: str, channel: str | None = None) -> None:
    """Assert that a person was told of an event of this type.

    Told means that the channel's notification was written: an inbox item, or an e-mail to be sent.

    Args:
        person: a saved person.
        event_type: a registered name, such as `EventTypes.PRODUCT_CREATED`.
        channel: "app" or "email"; any will do if None.

    Raises:
        AssertionError: they were not; says how far it got, and the reason on record.
        UnknownEventType: there is no such type.
    """
    __tracebackhide__ = True
    rows = _rows(person, event_type)
    if not any(code == "created" for row in rows for code, _ in _outcomes(row, channel)):
        raise AssertionError(
            f"{_claim(person, event_type, channel, told=False)}: {_progress(person, event_type, rows)}"
        )


def assert_not_notified(
    person: Model, event_type: str, channel: str | None = None, because: str | None = None
) -> None:
    """Assert that a person was not told of any event of this type.

    A decision that is still to come fails too: it may yet go the other way.

    Args:
        person: a saved person.
        event_type: a registered name, such as `EventTypes.PRODUCT_CREATED`.
        channel: "app" or "email"; all of them if None.
        because: the reason's code that must be on record, such as "no_address"; docs/reference/codes has
            them all. If None, it is fine too that nobody named the person.

    Raises:
        AssertionError: they were told, may still be, or were passed over for another reason; says which.
        UnknownEventType: there is no such type.
    """
    __tracebackhide__ = True
    rows = _rows(person, event_type)
    outcomes = [outcome for row in rows for outcome in _outcomes(row, channel)]
    told, not_told = (_claim(person, event_type, channel, told=told) for told in (True, False))
    if any(code == "created" for code, _ in outcomes):
        raise AssertionError(f"{told}: {_progress(person, event_type, rows)}")
    if any(not row.outcomes for row in rows) or _batches(person, event_type):
        raise AssertionError(f"{not_told} so far, but may be: {_progress(person, event_type, rows)}")
    if because is not None and because not in {reason for _, reason in outcomes}:
        raise AssertionError(
            f"{not_told}, but not because of {because!r}: {_progress(person, event_type, rows)}"
        )


def _rows(person: Model, event_type: str) -> list[NotifiableEvent]:
    name = EventTypes.get(event_type).name
    return list(NotifiableEvent.objects.filter(person=person.pk, event_type=name).order_by("pk"))


def _batches(person: Model, event_type: str) -> list[RecipientBatch]:
    """Return the batches in which this person still waits to be told."""
    name = EventTypes.get(event_type).name
    waiting = RecipientBatch.objects.filter(run__event__event_type=name, status__in=UNFINISHED)
    as_key = get_person_model()._meta.pk.to_python
    return [batch for batch in waiting.order_by("pk") if person.pk in map(as_key, batch.people)]


def _outcomes(row: NotifiableEvent, channel: str | None) -> list[tuple[str, str]]:
    """Return pairs such as ("created", "default") and ("skipped", "no_address")."""
    return [
        (code, reason)
        for name, outcome in row.outcomes.items()
        if channel in (None, name)
        for code, _, reason in [outcome.partition(":")]
    ]


def _claim(person: Model, event_type: str, channel: str | None, *, told: bool) -> str:
    how = f" by {channel}" if channel else ""
    return f"{person._meta.object_name} #{person.pk} was {'' if told else 'not '}told of {event_type}{how}"


def _progress(person: Model, event_type: str, rows: list[NotifiableEvent]) -> str:
    """Say how far the events got, at the furthest place that was reached."""
    if rows:
        return "; ".join(f"notifiable event #{row.pk} {_decided(row)}" for row in rows)
    if batches := _batches(person, event_type):
        return "; ".join(f"{batch} is {batch.status}, nothing decided yet" for batch in batches)
    events = EventLog.objects.filter(event_type=event_type).order_by("pk")
    if not events:
        return "no such event was published"
    return "; ".join(f"event #{event.pk} {_handled(event)}" for event in events)


def _decided(row: NotifiableEvent) -> str:
    problem = f": {row.error}" if row.error else ""
    if not row.outcomes:
        return f"is {row.status}, nothing decided yet{problem}"
    return ", ".join(f"{name} {_spelled(outcome)}" for name, outcome in row.outcomes.items()) + problem


def _spelled(outcome: str) -> str:
    reason = outcome.partition(":")[2]
    return f"{outcome} ({Reason(reason).label})" if reason in Reason.values else outcome


def _handled(event: EventLog) -> str:
    if not event.is_finished and not event.attempts:
        return f"is {event.status}: no worker has seen it (did you publish it inside `with commit():`?)"
    runs = list(event.runs.order_by("pk"))
    reached = f"is {event.status}: none of its {len(runs)} handlers named this person"
    return ", ".join(
        [reached, *(text for work in (event, *runs) for text in (work.error, work.note) if text)]
    )
