"""Relay: re-offers whatever is due and unclaimed, so that losing every hint loses nothing."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import Case, F, Q, TextField, Value, When

from clarion.bus.claims import is_due
from clarion.bus.dispatch import settle_event
from clarion.bus.engines.base import get_engine
from clarion.bus.hints import WAKE_LIMIT, Job
from clarion.conf import get_settings
from clarion.database.clock import Now
from clarion.faults import fault_point
from clarion.models import (
    EmailNotification,
    EventLog,
    HandlerRun,
    Heartbeat,
    NotifiableEvent,
    RecipientBatch,
    Status,
    Work,
)
from clarion.models.work import UNFINISHED

BACKLOG_LIMIT = 1000
"""The relay adds nothing to a longer queue: its workers are behind, not idle."""

HEARTBEAT = "relay"
GRACE = timedelta(seconds=5)
"""How long work may be due before it is offered again: its first hint is probably on its way."""

PIPELINE: tuple[type[Work], ...] = (
    EventLog,
    HandlerRun,
    RecipientBatch,
    NotifiableEvent,
    EmailNotification,
)


def relay() -> int:
    """Wake workers for what is overdue, once; return how many hints that took.

    Safe to run often and in several places: a hint too many finds nothing to claim.

    Raises:
        EngineUnavailable: the broker cannot be reached.
    """
    Heartbeat.beat(HEARTBEAT)
    _bury_hopeless()
    engine = get_engine()
    if engine.backlog() >= BACKLOG_LIMIT:
        return 0
    hints = _overdue(1 if engine.works_at_once else WAKE_LIMIT)
    for _ in range(hints):
        fault_point("relay.before_enqueue")
        engine.enqueue(Job.WORK, 0)
    return hints


def _overdue(limit: int) -> int:
    """Count what is overdue, up to a limit."""
    overdue = 0
    for model in PIPELINE:
        if overdue < limit:
            rows = model._default_manager.filter(is_due(), due_at__lte=Now() - GRACE)
            overdue += rows[: limit - overdue].count()
    return overdue


def _bury_hopeless() -> None:
    """End what has used up its attempts without an end of its own: its worker was killed each time."""
    hopeless = Q(due_at__lte=Now(), attempts__gte=get_settings().MAX_ATTEMPTS, status__in=UNFINISHED)
    end = {
        "status": Status.DEAD,
        # What says why it failed keeps saying so: it is here because fewer attempts are allowed by now.
        "error": Case(
            When(~Q(error="") & Q(status=Status.FAILED), then=F("error")),
            default=Value("every attempt ended with its worker"),
            output_field=TextField(),
        ),
        "finished_at": Now(),
        "due_at": None,
        "lease_token": None,
    }
    for model in PIPELINE:
        if model is not HandlerRun:
            model._default_manager.filter(hopeless).update(**end)
    for run in HandlerRun.objects.filter(hopeless):
        with transaction.atomic():
            if HandlerRun.objects.filter(hopeless, pk=run.pk).update(**end):
                settle_event(run.event_id)
