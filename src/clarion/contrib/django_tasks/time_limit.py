"""Time limit: what takes too long is interrupted wherever it is, and its worker goes on."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import TypeVar

from django.db import Error, connections

from clarion.exceptions import TimeLimitExceeded

T = TypeVar("T")

AGAIN = timedelta(seconds=10)
"""How long after that a call is interrupted once more, as often as it goes on regardless."""


def call_within(limit: timedelta, call: Callable[[], T]) -> T:
    """Call, and interrupt the call with an exception when its time is up.

    Python hears signals in its main thread only, and Windows has none for this: elsewhere there is no limit.
    Where a timer runs already, whoever set it has a limit of their own, as RQ does.

    Raises:
        TimeLimitExceeded: it was interrupted, whatever it made of that.
    """
    if not _has_free_alarm():
        return call()
    late = f"interrupted after {limit.total_seconds():g} s"
    is_late = False

    def interrupt(*_: object) -> None:
        nonlocal is_late
        is_late = True
        raise TimeLimitExceeded(late)

    usual = signal.signal(signal.SIGALRM, interrupt)
    try:
        try:
            signal.setitimer(signal.ITIMER_REAL, limit.total_seconds(), AGAIN.total_seconds())
            result = call()
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    except Exception:
        if not is_late:
            raise
    else:
        if not is_late:
            return result
    finally:
        # Once more, for it may have been struck before it did so above.
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, usual)
    _drop_connections()
    raise TimeLimitExceeded(late)


def _has_free_alarm() -> bool:
    return (
        hasattr(signal, "SIGALRM")
        and threading.current_thread() is threading.main_thread()
        and not any(signal.getitimer(signal.ITIMER_REAL))
    )


def _drop_connections() -> None:
    # Struck at a savepoint's very end, Django would miscount its transactions, and never commit again.
    for connection in connections.all(initialized_only=True):
        with suppress(Error):
            connection.close()
        del connections[connection.alias]
