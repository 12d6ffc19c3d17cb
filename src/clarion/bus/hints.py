"""Hints: “there is work”, said to the engine once the rows are committed."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial

from django.db import transaction
from django.utils import timezone

from clarion.bus.engines.base import get_engine
from clarion.exceptions import EngineUnavailable
from clarion.faults import fault_point

logger = logging.getLogger("clarion")

WAKE_LIMIT = 8
"""Workers whom one transaction wakes at the most. Each goes on while there is work: more would find none."""


LONGEST_DELAY = timedelta(minutes=30)
"""For how long an engine is asked to keep a hint: some hold it in a worker's memory, or hand it out again."""

MARGIN = timedelta(milliseconds=100)
"""How much later a hint comes than its row is due: the row goes by the database's clock."""


class Job(StrEnum):
    """What a hint asks for. The number beside it is the primary key of the row named here."""

    WORK = "work"  # EventLog: all that it leads to; 0 for whatever is due
    DISPATCH_EVENT = "dispatch_event"  # EventLog
    RUN_HANDLER = "run_handler"  # HandlerRun
    PROCESS_NOTIFICATION = "process_notification"  # NotifiableEvent
    PROCESS_NOTIFICATIONS = "process_notifications"  # EventLog: all whom its handlers named
    SEND_EMAIL = "send_email"  # EmailNotification
    SEND_EMAILS = "send_emails"  # EventLog: all its e-mails
    RELAY = "relay"  # no row
    CLEANUP = "cleanup"  # no row


class _Transaction:
    """Counts the workers whom one transaction has woken."""

    def __init__(self) -> None:
        self.woken = 0


class _Thread(threading.local):
    transaction: _Transaction | None = None
    is_awake = False


_current = _Thread()


@contextmanager
def awake() -> Iterator[None]:
    """Be one of those workers whom hints wake: this one goes on as long as there is work, whatever it is."""
    _current.is_awake = True
    try:
        yield
    finally:
        _current.is_awake = False


def hint(job: Job, row_id: int = 0) -> None:
    """Tell the engine after the commit. A lost hint loses nothing: the relay finds the row."""
    transaction.on_commit(partial(_hand_over, job, row_id))


def wake(event_id: int = 0) -> None:
    """Say, after the commit, that there is work on an event. Many such hints in one transaction are few.

    Args:
        event_id: 0 for many events.
    """
    _current.transaction = _current.transaction or _Transaction()
    transaction.on_commit(partial(_wake, event_id, _current.transaction))


def wake_at(moment: datetime) -> None:
    """Say, after the commit, that there will be work at some moment, if the engine can keep that so long.

    Args:
        moment: aware.
    """
    delay = max(moment - timezone.now(), timedelta(0)) + MARGIN
    if get_engine().has_delay and delay < LONGEST_DELAY:
        transaction.on_commit(partial(_hand_over, Job.WORK, 0, delay))


def _wake(event_id: int, ended: _Transaction) -> None:
    _current.transaction = None
    if get_engine().works_at_once:
        _hand_over(Job.WORK, event_id)
    elif ended.woken < WAKE_LIMIT:
        ended.woken += 1
        if ended.woken > 1 or not _current.is_awake:
            _hand_over(Job.WORK, 0)


def _hand_over(job: Job, row_id: int, delay: timedelta | None = None) -> None:
    about: dict[str, str | int] = {"job": job, "row_id": row_id}
    try:
        fault_point("hint.before_enqueue")
        if delay is None:
            get_engine().enqueue(job, row_id)
        else:
            get_engine().enqueue_later(job, row_id, delay)
        fault_point("hint.after_enqueue")
    except EngineUnavailable:
        logger.warning("engine unavailable; the relay will offer this again", extra=about)
    except Exception as error:  # noqa: BLE001  # the caller has committed: what goes wrong now is not theirs
        # Not `on_commit(robust=True)`: Django would log the traceback, which may hold payload values.
        about["error"] = type(error).__name__
        logger.error("hint failed; the relay will offer this again", extra=about)  # noqa: TRY400
