"""Dispatch: an event becomes one run for each handler; each run succeeds, fails and retries alone."""

from __future__ import annotations

import logging

from django.db import connection, transaction
from django.utils import timezone

from clarion.bus.claims import claim, fail, finish, hand_on, storable
from clarion.bus.heartbeat import heartbeat
from clarion.bus.hints import Job, hint
from clarion.bus.subscriptions import handlers_of
from clarion.events import EventTypes
from clarion.exceptions import HandlerMissing, LeaseLost, SubjectGone
from clarion.faults import fault_point
from clarion.models import EventLog, HandlerRun, Status
from clarion.models.work import UNFINISHED

logger = logging.getLogger("clarion")


def dispatch_event(event_id: int) -> None:
    """Give each handler that is subscribed to the event a run of its own."""
    for event in claim(EventLog.objects.filter(pk=event_id)):
        fault_point("dispatch.after_claim")
        try:
            _give_runs(event)
        except LeaseLost:
            logger.warning("lease lost; another worker has this event", extra={"event_id": event.pk})
        except Exception as error:  # noqa: BLE001  # an unknown event type, say: it waits for newer code
            about = {"event_id": event.pk, "error": type(error).__name__}
            logger.error("dispatch failed", extra=about)  # noqa: TRY400
            fail(event, error)


def run_handler(run_id: int) -> None:
    """Call one handler with its event. What the handler wrote is kept only if it returns."""
    for run in claim(HandlerRun.objects.select_related("event").filter(pk=run_id)):
        fault_point("handler.after_claim")
        try:
            _attempt(run)
        except LeaseLost:
            logger.warning("lease lost; what this worker did was rolled back", extra={"run_id": run.pk})


def _give_runs(event: EventLog) -> None:
    EventTypes.get(event.event_type)
    handlers = handlers_of(event.event_type)
    with transaction.atomic():
        if not handlers:
            finish([event], note=f"no handler is subscribed to {event.event_type}")
            return
        HandlerRun.objects.bulk_create(
            [HandlerRun(event=event, handler=path, delete_at=event.delete_at) for path in handlers],
            ignore_conflicts=True,
        )
        hand_on(event)
        for run_id in event.runs.order_by("pk").values_list("pk", flat=True):
            hint(Job.RUN_HANDLER, run_id)
        fault_point("dispatch.before_commit")


def settle_event(event_id: int) -> None:
    """End the event once all its runs have ended: `dead` if one of them is, else `done`."""
    # Locked, so that of two last runs ending together the second sees the first; but not against the rows
    # that other handlers of this event are inserting below it.
    no_key = connection.features.has_select_for_no_key_update
    event = EventLog.objects.select_for_update(no_key=no_key).get(pk=event_id)
    runs = dict(event.runs.values_list("handler", "status"))
    if any(status in UNFINISHED for status in runs.values()):
        return
    dead = [handler for handler, status in runs.items() if status == Status.DEAD]
    event.status = Status.DEAD if dead else Status.DONE
    event.error = f"gave up: {', '.join(dead)}" if dead else ""
    event.finished_at = timezone.now()
    event.save(update_fields=["status", "error", "finished_at"])


def _attempt(run: HandlerRun) -> None:
    try:
        with heartbeat(run), transaction.atomic():
            _call(run)
            finish([run])
            settle_event(run.event_id)
            fault_point("handler.before_commit")
    except LeaseLost:
        raise
    except SubjectGone as gone:
        with transaction.atomic():
            finish([run], note=storable(str(gone)))
            settle_event(run.event_id)
    except Exception as error:  # noqa: BLE001  # whatever a handler raises is recorded
        # Without the traceback: it may hold payload values. The row keeps what was said.
        logger.error("handler failed", extra={"run_id": run.pk, "error": type(error).__name__})  # noqa: TRY400
        with transaction.atomic():
            fail(run, error)
            settle_event(run.event_id)


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
    handler(event)
