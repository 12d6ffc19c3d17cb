"""Waiting for what other processes do: until it is so, and no longer."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

DEADLINE = 180
"""Seconds; far more than anything here takes on an idle machine."""


def wait_for(look: Callable[[], T], what: str, deadline: float = DEADLINE) -> T:
    """Return what `look` sees once it is true, looking less and less often.

    Raises:
        TimeoutError: it never was; says `what` was waited for, and what was seen last.
    """
    end = time.monotonic() + deadline
    pause = 0.02
    while not (seen := look()):
        if time.monotonic() > end:
            raise TimeoutError(f"waited {deadline:g} s for {what}; the last look gave {seen!r}")
        time.sleep(pause)
        pause = min(pause * 1.5, 0.5)
    return seen
