"""Hints: “there is work on this row”, said to the engine once the row is committed."""

from __future__ import annotations

import logging
from enum import StrEnum
from functools import partial

from django.db import transaction

from clarion.bus.engines.base import get_engine
from clarion.exceptions import EngineUnavailable
from clarion.faults import fault_point

logger = logging.getLogger("clarion")


class Job(StrEnum):
    """What a hint asks for. The number beside it is the primary key of the row named here."""

    DISPATCH_EVENT = "dispatch_event"  # EventLog
    RUN_HANDLER = "run_handler"  # HandlerRun
    PROCESS_NOTIFICATION = "process_notification"  # NotifiableEvent
    PROCESS_NOTIFICATIONS = "process_notifications"  # EventLog: all its notifiable events
    SEND_EMAIL = "send_email"  # EmailNotification
    SEND_EMAILS = "send_emails"  # EventLog: all its e-mails
    RELAY = "relay"  # no row
    CLEANUP = "cleanup"  # no row


def hint(job: Job, row_id: int = 0) -> None:
    """Tell the engine after the commit. A lost hint loses nothing: the relay finds the row."""
    transaction.on_commit(partial(_hand_over, job, row_id))


def _hand_over(job: Job, row_id: int) -> None:
    about: dict[str, str | int] = {"job": job, "row_id": row_id}
    try:
        fault_point("hint.before_enqueue")
        get_engine().enqueue(job, row_id)
    except EngineUnavailable:
        logger.warning("engine unavailable; the relay will offer this again", extra=about)
    except Exception as error:  # noqa: BLE001  # the caller has committed: what goes wrong now is not theirs
        # Not `on_commit(robust=True)`: Django would log the traceback, which may hold payload values.
        about["error"] = type(error).__name__
        logger.error("hint failed; the relay will offer this again", extra=about)  # noqa: TRY400
