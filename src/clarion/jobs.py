"""The sole entry for workers: `run(job, row_id)`."""

from __future__ import annotations

from collections.abc import Callable

from clarion.bus.dispatch import dispatch_event, run_handler
from clarion.bus.hints import Job, hint
from clarion.bus.relay import relay
from clarion.delivery.planner import process_notification, process_notifications
from clarion.delivery.retention import BATCH, cleanup
from clarion.delivery.sender import send_email, send_emails

__all__ = ["process_notification", "run"]

CLEANUP_BATCHES = 50
"""Batches in one job, so that a job stays short; what is left is taken by a job of its own."""


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


def _relay(_: int) -> None:
    relay()


def _cleanup(_: int) -> None:
    if max(cleanup(CLEANUP_BATCHES).values()) >= CLEANUP_BATCHES * BATCH:
        hint(Job.CLEANUP)


_JOBS: dict[Job, Callable[[int], None]] = {
    Job.DISPATCH_EVENT: dispatch_event,
    Job.RUN_HANDLER: run_handler,
    Job.PROCESS_NOTIFICATION: process_notification,
    Job.PROCESS_NOTIFICATIONS: process_notifications,
    Job.SEND_EMAIL: send_email,
    Job.SEND_EMAILS: send_emails,
    Job.RELAY: _relay,
    Job.CLEANUP: _cleanup,
}
