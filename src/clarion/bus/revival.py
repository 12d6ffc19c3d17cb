"""Revival: what an operator may do with dead work. Try it again, or let it be."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from clarion.bus.dispatch import settle_event
from clarion.database.clock import Now
from clarion.models import EventLog, HandlerRun, Status


def retry(rows: QuerySet[Any]) -> int:
    """Give dead work all its attempts back; the relay offers it. Return how many rows came back to life.

    An event that is dead because of its handlers comes back through them, and they through it. Handlers of an
    event that was withdrawn stay dead.
    """
    with transaction.atomic():
        if rows.model is HandlerRun:
            rows = rows.filter(event__withdrawal="")
        keys = _dead(rows)
        if rows.model is EventLog:
            runs = HandlerRun.objects.filter(event__in=keys)
            themselves = EventLog.objects.filter(~Q(withdrawal="") | Q(runs=None), pk__in=keys)
            return retry(runs) + _begin_anew(themselves)
        if rows.model is HandlerRun:
            events = EventLog.objects.filter(runs__in=keys, withdrawal="")
            events.update(status=Status.RUNNING, finished_at=None, error="")
        return _begin_anew(rows.model._default_manager.filter(pk__in=keys))


def discard(rows: QuerySet[Any]) -> int:
    """Cancel dead work, so that nobody need look at it again; return how many rows that was."""
    with transaction.atomic():
        keys = _dead(rows)
        if rows.model is HandlerRun:
            return sum(_discard_run(key) for key in keys)
        discarded = _cancel(rows.model._default_manager.filter(pk__in=keys))
        if rows.model is EventLog:
            events = EventLog.objects.filter(pk__in=keys, status=Status.CANCELLED)
            _cancel(HandlerRun.objects.filter(event__in=events))
        return discarded


def _discard_run(key: int) -> int:
    discarded = _cancel(HandlerRun.objects.filter(pk=key))
    if discarded:
        settle_event(HandlerRun.objects.values_list("event_id", flat=True).get(pk=key))
    return discarded


def _dead(rows: QuerySet[Any]) -> list[int]:
    return list(rows.filter(status=Status.DEAD).order_by("pk").values_list("pk", flat=True))


# Both ask again, in case somebody else revived them meanwhile and a worker has them by now.


def _begin_anew(rows: QuerySet[Any]) -> int:
    dead = rows.filter(status=Status.DEAD)
    return dead.update(status=Status.PENDING, attempts=0, due_at=Now(), finished_at=None)


def _cancel(rows: QuerySet[Any]) -> int:
    return rows.filter(status=Status.DEAD).update(status=Status.CANCELLED)
