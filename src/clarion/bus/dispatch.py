"""Dispatch: an event becomes one run for each handler; each run succeeds, fails and retries alone."""

from __future__ import annotations

import logging
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from functools import lru_cache, partial

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from clarion.bus.claims import claim, fail, finish, hand_on
from clarion.bus.engines.base import get_engine
from clarion.bus.error_text import storable
from clarion.bus.failure import record_failure
from clarion.bus.heartbeat import heartbeat, taken_from
from clarion.bus.hints import wake
from clarion.bus.subscriptions import handlers_of
from clarion.database.clock import Now
from clarion.database.statement import Slot, Statement, updating
from clarion.database.writing import writing
from clarion.events import EventTypes
from clarion.exceptions import HandlerMissing, LeaseLost, SubjectGone
from clarion.faults import fault_point
from clarion.models import EventLog, HandlerRun, Status
from clarion.models.work import UNFINISHED

logger = logging.getLogger("clarion")

BATCH = 100
"""Events that are dispatched together."""
TOGETHER = 50
"""Handlers that are claimed together."""


def dispatch_events(events: QuerySet[EventLog]) -> bool:
    """Give each handler that is subscribed to some due events a run of its own; False if none is due."""
    claimed = claim(events.filter(withdrawal=""), BATCH)
    if claimed:
        fault_point("dispatch.after_claim")
        _dispatch(claimed)
    return bool(claimed)


def run_handlers(runs: QuerySet[HandlerRun]) -> bool:
    """Call some handlers that are due with their events, one after another; False if none is due.

    What a handler wrote is kept only if it returns. One whose worker died is tried alone: it may be why.
    """
    rows = runs.select_related("event")
    claimed = claim(rows.filter(attempts=0), TOGETHER) or claim(rows)
    if claimed:
        fault_point("handler.after_claim")
        _run_in_turn(claimed)
    return bool(claimed)


def _dispatch(events: Sequence[EventLog]) -> None:
    try:
        with writing():
            _give_runs({event: _handlers_of(event) for event in events})
            fault_point("dispatch.before_commit")
    except Exception as error:  # noqa: BLE001  # an unknown event type, say: it waits for newer code
        if len(events) > 1:
            for event in events:
                _dispatch([event])
        else:
            record_failure(events[0], error)


def _handlers_of(event: EventLog) -> list[str]:
    EventTypes.get(event.event_type)
    return list(handlers_of(event.event_type))


def _give_runs(handlers: Mapping[EventLog, Sequence[str]]) -> None:
    runs = [
        HandlerRun(event=event, handler=path, urgent=event.urgent, delete_at=event.delete_at)
        for event, paths in handlers.items()
        for path in paths
    ]
    HandlerRun.objects.bulk_create(runs, ignore_conflicts=True)
    if handled := [event for event, paths in handlers.items() if paths]:
        hand_on(handled)
    for event, paths in handlers.items():
        if not paths:
            finish([event], note=f"no handler is subscribed to {event.event_type}")
        if len(paths) > 1:
            # They can run beside each other.
            for _ in paths:
                wake(event.pk)


def settle_event(event_id: int) -> None:
    """End the event once all its runs have ended: `dead` if one of them is, else `done`.

    One that was withdrawn ends otherwise.
    """
    # Locked, so that of two last runs ending together the second sees the first; but not against the rows
    # that other handlers of this event are inserting below it.
    no_key = connection.features.has_select_for_no_key_update
    event = EventLog.objects.select_for_update(no_key=no_key).only("withdrawal").get(pk=event_id)
    if event.withdrawal:
        return
    runs = dict(event.runs.values_list("handler", "status"))
    if any(status in UNFINISHED for status in runs.values()):
        return
    dead = [handler for handler, status in runs.items() if status == Status.DEAD]
    event.status = Status.DEAD if dead else Status.DONE
    event.error = f"gave up: {', '.join(dead)}" if dead else ""
    event.finished_at = timezone.now()
    event.save(update_fields=["status", "error", "finished_at"])


def _run_in_turn(claimed: Sequence[HandlerRun]) -> None:
    runs_of = Counter(
        HandlerRun.objects.filter(event__in={run.event_id for run in claimed}).values_list("event", flat=True)
    )
    waiting = deque(claimed)
    with heartbeat(claimed, waiting):
        for run in taken_from(waiting):
            try:
                _attempt(run, is_only=runs_of[run.event_id] == 1)
            except LeaseLost:
                logger.warning("lease lost; what this worker did was rolled back", extra={"run_id": run.pk})


def _attempt(run: HandlerRun, *, is_only: bool) -> None:
    """Call a handler, and record what came of it.

    Args:
        is_only: whether its event has no other run.

    Raises:
        LeaseLost: another worker holds the run by now.
    """
    try:
        with writing():
            _call(run)
            finish([run])
            if is_only:
                _end_event()(id=run.event_id)
            else:
                settle_event(run.event_id)
            fault_point("handler.before_commit")
    except LeaseLost:
        raise
    except SubjectGone as gone:
        with writing():
            finish([run], note=storable(str(gone)))
            settle_event(run.event_id)
    except Exception as error:  # noqa: BLE001  # whatever a handler raises is recorded
        # Without the traceback: it may hold payload values. The row keeps what was said.
        logger.error("handler failed", extra={"run_id": run.pk, "error": type(error).__name__})  # noqa: TRY400
        with writing():
            fail([run], error)
            settle_event(run.event_id)


@lru_cache(maxsize=1)
def _end_event() -> Statement:
    """Return what ends an event whose only run has ended well. What was withdrawn ends otherwise."""
    events = EventLog.objects.filter(pk=Slot(EventLog, "id"), withdrawal="")
    return updating(events, {"status": Status.DONE, "error": "", "finished_at": Now()})


def _call(run: HandlerRun) -> None:
    event = run.event
    try:
        handler = handlers_of(event.event_type)[run.handler]
    except KeyError:
        raise HandlerMissing(
            f"{run.handler} is not subscribed to {event.event_type} in this worker"
        ) from None
    event.payload = EventTypes.get(event.event_type).upcast(event.payload, event.payload_version)
    event.run = run
    get_engine().call_within_limit(partial(handler, event))
