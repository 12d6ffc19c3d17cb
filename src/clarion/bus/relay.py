"""Relay: re-offers whatever is due and unclaimed, so that losing every hint loses nothing."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import timedelta
from itertools import chain, islice
from typing import Any

from django.db import transaction
from django.db.models import Case, F, Q, QuerySet, TextField, Value, When
from django.db.models.functions import Now

from clarion.bus.claims import is_abandoned, is_due
from clarion.bus.dispatch import settle_event
from clarion.bus.engines.base import get_engine
from clarion.bus.hints import Job
from clarion.conf import get_settings
from clarion.exceptions import EngineUnavailable
from clarion.models import EmailNotification, EventLog, HandlerRun, Heartbeat, NotifiableEvent, Status

logger = logging.getLogger("clarion")

BACKLOG_LIMIT = 1000
"""The relay adds nothing to a longer queue: its workers are behind, not idle."""

HEARTBEAT = "relay"
GRACE = timedelta(seconds=5)
"""How long work may be due before it is offered again: its first hint is probably on its way."""


def relay() -> int:
    """Offer what is overdue to the engine, once; return how many hints that took.

    Safe to run often and in several places: a hint too many finds nothing to claim.

    Raises:
        EngineUnavailable: the broker cannot be reached.
    """
    Heartbeat.beat(HEARTBEAT)
    _bury_hopeless()
    engine = get_engine()
    offered = 0
    for job, row_id in islice(_overdue(), max(0, BACKLOG_LIMIT - engine.backlog())):
        try:
            engine.enqueue(job, row_id)
        except EngineUnavailable:
            raise
        except Exception as error:  # noqa: BLE001  # an engine that works at once may raise anything
            about = {"job": job, "row_id": row_id, "error": type(error).__name__}
            logger.error("work failed; it will be offered again", extra=about)  # noqa: TRY400
        offered += 1
    return offered


def _overdue() -> Iterator[tuple[Job, int]]:
    overdue = is_due() & Q(due_at__lte=Now() - GRACE)

    def offers(job: Job, rows: QuerySet[Any], key: str) -> Iterator[tuple[Job, int]]:
        keys = rows.filter(overdue).order_by(key).values_list(key, flat=True).distinct()
        return ((job, row_id) for row_id in keys[:BACKLOG_LIMIT])

    people, mails = NotifiableEvent.objects, EmailNotification.objects
    return chain(
        offers(Job.DISPATCH_EVENT, EventLog.objects.all(), "pk"),
        offers(Job.RUN_HANDLER, HandlerRun.objects.all(), "pk"),
        offers(Job.PROCESS_NOTIFICATIONS, people.exclude(event_log=None), "event_log"),
        offers(Job.PROCESS_NOTIFICATION, people.filter(event_log=None), "pk"),
        offers(Job.SEND_EMAILS, mails.exclude(event__event_log=None), "event__event_log"),
        offers(Job.SEND_EMAIL, mails.filter(event__event_log=None), "pk"),
    )


def _bury_hopeless() -> None:
    """End what has used up its attempts without an end of its own: its worker was killed each time."""
    no_attempt_left = Q(attempts__gte=get_settings().MAX_ATTEMPTS)
    hopeless = no_attempt_left & (Q(status__in=[Status.PENDING, Status.FAILED]) | is_abandoned())
    end = {
        "status": Status.DEAD,
        # What says why it failed keeps saying so: it is here because fewer attempts are allowed by now.
        "error": Case(
            When(~Q(error="") & Q(status=Status.FAILED), then=F("error")),
            default=Value("every attempt ended with its worker"),
            output_field=TextField(),
        ),
        "finished_at": Now(),
        "lease_until": None,
        "lease_token": None,
    }
    for model in (EventLog, NotifiableEvent, EmailNotification):
        model._default_manager.filter(hopeless).update(**end)
    for run in HandlerRun.objects.filter(hopeless):
        with transaction.atomic():
            if HandlerRun.objects.filter(hopeless, pk=run.pk).update(**end):
                settle_event(run.event_id)
