"""Mails that wait to be sent."""

from clarion.jobs import run
from clarion.models import EventLog


def up_to_the_mail(event: EventLog) -> EventLog:
    """Run everything but the sending, for an event that no worker has."""
    run("dispatch_event", event.pk)
    for handler_run in event.runs.all():
        run("run_handler", handler_run.pk)
    run("process_notifications", event.pk)
    return event
