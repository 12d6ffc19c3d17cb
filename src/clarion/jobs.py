"""The sole entry for workers: `run(job, row_id)`."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing

from clarion.bus.dispatch import dispatch_events, run_handlers
from clarion.bus.hints import Job, hint, wake
from clarion.bus.relay import relay
from clarion.delivery.batches import tell_batches
from clarion.delivery.people import tell_people
from clarion.delivery.retention import cleanup
from clarion.delivery.sender import Sender
from clarion.lanes import JOB_TIME, work
from clarion.models import EmailNotification, EventLog, HandlerRun, NotifiableEvent, RecipientBatch


def run(job: str, row_id: int) -> None:
    """Do what a hint asks. Outcomes are in the rows; a row that is not due is left alone.

    Raises:
        ValueError: there is no such job.
    """
    do = _JOBS[Job(job)]
    try:
        do(row_id)
    except Exception as error:
        # Engines log this with its traceback. What was being recorded when it was raised is left out of
        # that: a handler's own error may hold payload values.
        raise error from None


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
    deadline = time.monotonic() + JOB_TIME.total_seconds()
    if any(cleanup(deadline).values()) and time.monotonic() > deadline:
        hint(Job.CLEANUP)


_JOBS: dict[Job, Callable[[int], object]] = {
    Job.WORK: work,
    Job.DISPATCH_EVENT: lambda pk: dispatch_events(EventLog.objects.filter(pk=pk)),
    Job.RUN_HANDLER: lambda pk: run_handlers(HandlerRun.objects.filter(pk=pk)),
    Job.PROCESS_NOTIFICATION: process_notification,
    Job.PROCESS_NOTIFICATIONS: process_notifications,
    Job.SEND_EMAIL: lambda pk: _send(pk=pk),
    Job.SEND_EMAILS: lambda pk: _send(event__event_log=pk),
    Job.RELAY: _relay,
    Job.CLEANUP: _cleanup,
}
