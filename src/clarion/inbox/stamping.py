"""Stamping: writing a change to the rows of one person, in one statement, and taking it back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import BooleanField, Case, Model, Q, QuerySet, Value, When
from django.utils import timezone

from clarion.inbox.change import STAMPS, Action, Change
from clarion.models import AppNotification
from clarion.realtime.announcement import announce_action

_WITHOUT_STAMP: dict[Action, dict[str, Any]] = {
    Action.READ: {"read_at": None, "is_read": False},
    Action.SEEN: {"seen_at": None},
    Action.ARCHIVE: {"archived_at": None},
    Action.SNOOZE: {
        "snoozed_until": None,
        # Whether it had been read before it was put aside.
        "is_read": Case(
            When(read_at__isnull=False, then=Value(True)), default=Value(False), output_field=BooleanField()
        ),
    },
}

BATCH = 1000


def stamp(
    action: Action,
    person: Model,
    rows: QuerySet[AppNotification],
    moment: datetime | None = None,
    **values: Any,
) -> Change:
    """Write the moment, now by default, into the action's column of these rows, and other values with it."""
    moment = moment or timezone.now()
    with transaction.atomic():
        count = rows.order_by().update(**{STAMPS[action]: moment}, **values)
        if count:
            announce_action(person)
    return Change(action, count, moment)


def clear(action: Action, person: Model, rows: QuerySet[AppNotification], **values: Any) -> Change:
    """Write values that take a stamp away, and return which rows these were."""
    with transaction.atomic():
        found = list(rows.order_by("pk").select_for_update().values_list("pk", "snoozed_until"))
        ids = tuple(pk for pk, _ in found)
        _update(person, ids, values)
        if ids:
            announce_action(person)
    untils = tuple(until for _, until in found if until) if action == Action.UNSNOOZE else ()
    return Change(action, len(ids), ids=ids, untils=untils)


def undo(change: Change, person: Model) -> int:
    """Take a change of the person's back; return how many rows it was."""
    now = timezone.now()
    with transaction.atomic():
        if column := STAMPS.get(change.action):
            stamped = AppNotification.objects.filter(person=person.pk, **{column: change.stamp})
            count = stamped.update(**_WITHOUT_STAMP[change.action])
        elif change.action == Action.UNREAD:
            count = _update(person, change.ids, {"is_read": True, "read_at": now}, Q(is_read=False))
        elif change.action == Action.UNARCHIVE:
            count = _update(person, change.ids, {"archived_at": now}, Q(archived_at=None))
        else:
            count = sum(
                _update(person, (pk,), {"snoozed_until": until}, Q(snoozed_until=None))
                for pk, until in zip(change.ids, change.untils, strict=True)
            )
        if count:
            announce_action(person)
    return count


def _update(person: Model, ids: tuple[int, ...], values: dict[str, Any], still: Q | None = None) -> int:
    rows = AppNotification.objects.filter(still or Q(), person=person.pk)
    batches = (ids[start : start + BATCH] for start in range(0, len(ids), BATCH))
    return sum(rows.filter(pk__in=batch).update(**values) for batch in batches)
