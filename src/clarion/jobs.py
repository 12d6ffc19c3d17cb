"""The sole entry for workers: `run(job, row_id)`."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from itertools import compress
from typing import Any

from django.db.models import QuerySet

from clarion.bus.claims import is_due
from clarion.bus.dispatch import dispatch_events, run_handler
from clarion.bus.engines.base import get_engine
from clarion.bus.hints import Job, hint, wake
from clarion.bus.relay import relay
from clarion.delivery.batches import tell_batches
from clarion.delivery.people import tell_people
from clarion.delivery.retention import BATCH, cleanup
from clarion.delivery.sender import Sender
from clarion.delivery.withdrawal import withdraw_events
from clarion.models import EmailNotification, EventLog, HandlerRun, NotifiableEvent, RecipientBatch
from clarion.models.existence import existence

CLEANUP_BATCHES = 50
"""Batches in one job, so that a job stays short; what is left is taken by a job of its own."""

JOB_TIME = timedelta(seconds=30)
"""How long one job goes on claiming, so that an engine's time limit never cuts it off."""

TURN = timedelta(milliseconds=100)
"""How long one kind of work goes on before something more urgent is looked for."""

Step = Callable[[QuerySet[Any]], bool]


def run(job: str, row_id: int) -> None:
    """Do what a hint asks. Outcomes are in the rows; a row that is not due is left alone.

    Raises:
        ValueError: there is no such job.
    """
    work = _JOBS[Job(job)]
    try:
        work(row_id)
    except Exception as error:
        # Engines log this with its traceback. What was being recorded when it was raised is left out of
        # that: a handler's own error may hold payload values.
        raise error from None


def work(event_id: int = 0) -> None:
    """Bring on what is due, the most urgent first, until nothing is.

    Args:
        event_id: the event to bring to its end; 0 for whatever is due.
    """
    deadline = time.monotonic() + JOB_TIME.total_seconds()
    with closing(Sender()) as sender:
        steps = list(_steps(event_id, sender))
        are_due = existence([rows.filter(is_due()).order_by("due_at") for _, rows in steps])
        while any(_turn(step, rows) for step, rows in compress(steps, are_due())):
            if time.monotonic() > deadline and not get_engine().works_at_once:
                wake(event_id)
                return


def _steps(event_id: int, sender: Sender) -> Iterator[tuple[Step, QuerySet[Any]]]:
    """Yield what there may be to do, in the order in which it matters: people first, mails last."""
    for urgent in (True, False):
        steps: tuple[tuple[Step, QuerySet[Any], str], ...] = (
            (withdraw_events, EventLog.objects.exclude(withdrawal=""), "pk"),
            (tell_batches, RecipientBatch.objects.all(), "run__event"),
            (tell_people, NotifiableEvent.objects.all(), "event_log"),
            (run_handler, HandlerRun.objects.all(), "event"),
            (dispatch_events, EventLog.objects.filter(withdrawal=""), "pk"),
            (sender.send_emails, EmailNotification.objects.all(), "event__event_log"),
        )
        for step, rows, event in steps:
            only = {event: event_id} if event_id else {}
            yield step, rows.filter(urgent=urgent, **only)


def _turn(step: Step, rows: QuerySet[Any]) -> bool:
    """Take a step again and again, but not for long; False if there was nothing to do."""
    end = time.monotonic() + TURN.total_seconds()
    if not step(rows):
        return False
    while time.monotonic() < end and step(rows):
        pass
    return True


def process_notification(notifiable_event_id: int) -> None:
    """Create one person's notifications, by their preference."""
    tell_people(NotifiableEvent.objects.filter(pk=notifiable_event_id))
    for email in EmailNotification.objects.filter(event=notifiable_event_id).select_related("event"):
        hint(Job.SEND_EMAIL, email.pk)


def process_notifications(event_id: int) -> None:
    """Create the notifications of everyone whom the handlers of an event named."""
    while tell_batches(RecipientBatch.objects.filter(run__event=event_id)):
        pass
    while tell_people(NotifiableEvent.objects.filter(event_log=event_id)):
        pass
    wake(event_id)


def _send(**which: int) -> None:
    with closing(Sender()) as sender:
        while sender.send_emails(EmailNotification.objects.filter(**which)):
            pass


def _relay(_: int) -> None:
    relay()


def _cleanup(_: int) -> None:
    if max(cleanup(CLEANUP_BATCHES).values()) >= CLEANUP_BATCHES * BATCH:
        hint(Job.CLEANUP)


_JOBS: dict[Job, Callable[[int], object]] = {
    Job.WORK: work,
    Job.DISPATCH_EVENT: lambda pk: dispatch_events(EventLog.objects.filter(pk=pk)),
    Job.RUN_HANDLER: lambda pk: run_handler(HandlerRun.objects.filter(pk=pk)),
    Job.PROCESS_NOTIFICATION: process_notification,
    Job.PROCESS_NOTIFICATIONS: process_notifications,
    Job.SEND_EMAIL: lambda pk: _send(pk=pk),
    Job.SEND_EMAILS: lambda pk: _send(event__event_log=pk),
    Job.RELAY: _relay,
    Job.CLEANUP: _cleanup,
}
