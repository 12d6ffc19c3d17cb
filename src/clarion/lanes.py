"""Lanes: what is due, the most urgent first, and how one worker brings it on."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, nullcontext
from datetime import timedelta
from functools import lru_cache
from itertools import repeat
from typing import Any, NamedTuple

from django.core.signals import setting_changed
from django.db.models import QuerySet
from django.dispatch import receiver

from clarion.bus.claims import is_due
from clarion.bus.dispatch import dispatch_events, run_handlers
from clarion.bus.engines.base import get_engine
from clarion.bus.hints import awake, wake
from clarion.database.existence import MANY, existence
from clarion.delivery.batches import tell_batches
from clarion.delivery.people import tell_people
from clarion.delivery.sender import Sender
from clarion.delivery.withdrawal import withdraw_events
from clarion.models import EmailNotification, EventLog, HandlerRun, NotifiableEvent, RecipientBatch

JOB_TIME = timedelta(seconds=30)
"""How long one job goes on, so that an engine's time limit never cuts it off; another takes what is left."""

TURN = timedelta(milliseconds=100)
"""How long one kind of work goes on before something more urgent is looked for."""

Rows = QuerySet[Any]
Path = Sequence[tuple[Callable[[Rows], bool], Rows]]
"""Steps, each of which may lead to the next, and what they take from. One is False if nothing was due."""


def work(event_id: int = 0) -> None:
    """Bring on what is due, the most urgent first, until nothing is.

    Args:
        event_id: the event to bring to its end; 0 for whatever is due.
    """
    with nullcontext() if event_id else awake():
        is_done = _bring_on(event_id)
    if not is_done:
        wake(event_id)


def _bring_on(event_id: int) -> bool:
    """Return whether all was done in the time of a job."""
    deadline = time.monotonic() + JOB_TIME.total_seconds()
    lanes, count_due = _due(event_id) if event_id else _all_due()
    with closing(Sender()) as sender:
        paths = [path for lane in lanes for path in _paths(lane, sender)]
        while any(_turn(path, count) for path, count in zip(paths, count_due(), strict=True) if count):
            if time.monotonic() > deadline and not get_engine().works_at_once:
                return False
    return True


class _Lane(NamedTuple):
    """What there may be to do, in the order in which it matters: people first, mails last."""

    withdrawn: Rows
    batches: Rows
    people: Rows
    runs: Rows
    events: Rows
    mails: Rows


def _due(event_id: int) -> tuple[list[_Lane], Callable[[], list[int]]]:
    """Return the lanes, the urgent one first, and a function that counts, as far as `MANY`, what is due."""
    lanes = [_lane(urgent, event_id) for urgent in (True, False)]
    return lanes, existence([rows.filter(is_due()).order_by("due_at") for lane in lanes for rows in lane])


@lru_cache(maxsize=1)
def _all_due() -> tuple[list[_Lane], Callable[[], list[int]]]:
    """Remember what takes as long to make as an event takes from its handler to its people."""
    return _due(0)


@receiver(setting_changed)
def _forget_all_due(*, setting: str, **_: Any) -> None:
    if setting == "CLARION":
        _all_due.cache_clear()


def _lane(urgent: bool, event_id: int) -> _Lane:
    def of(rows: Rows, event: str) -> Rows:
        # Not `urgent=urgent`: that becomes a bare column, for which SQLite and MariaDB find no index.
        return rows.filter(urgent__in=[urgent], **({event: event_id} if event_id else {}))

    return _Lane(
        of(EventLog.objects.exclude(withdrawal=""), "pk"),
        of(RecipientBatch.objects.all(), "run__event"),
        of(NotifiableEvent.objects.all(), "event_log"),
        of(HandlerRun.objects.all(), "event"),
        of(EventLog.objects.filter(withdrawal=""), "pk"),
        of(EmailNotification.objects.all(), "event__event_log"),
    )


def _paths(lane: _Lane, sender: Sender) -> Iterator[Path]:
    """Yield what to do with the rows of a lane, in its order, each with the steps that it leads to."""
    send = (sender.send_emails, lane.mails)
    tell = (tell_batches, lane.batches)
    run = (run_handlers, lane.runs)
    yield [(withdraw_events, lane.withdrawn)]
    yield [tell, send]
    yield [(tell_people, lane.people), send]
    yield [run, tell, send]
    yield [(dispatch_events, lane.events), run, tell, send]
    yield [send]


def _turn(path: Path, count: int) -> bool:
    """Take a step, and go on, but not for long; False if there was nothing to do.

    Where much is due, the step is taken again and again. A single row is followed along its path: what it
    leads to is probably there, and need not be looked for.
    """
    end = time.monotonic() + TURN.total_seconds()
    done = False
    for step, rows in repeat(path[0]) if count >= MANY else path:
        if not step(rows):
            break
        done = True
        if time.monotonic() >= end:
            break
    return done
