"""Two handlers of one event that can only return if they run at the same time, in two workers."""

from __future__ import annotations

import os
import time
from pathlib import Path

from clarion.bus import subscribe
from clarion.events import EventTypes
from clarion.exceptions import PermanentError
from clarion.models import EventLog

PATIENCE = 30
"""Seconds that one waits for the other."""


@subscribe(EventTypes.PRODUCT_CREATED)
def come_from_the_left(event: EventLog) -> None:
    _meet("left", "right")


@subscribe(EventTypes.PRODUCT_CREATED)
def come_from_the_right(event: EventLog) -> None:
    _meet("right", "left")


def _meet(here: str, there: str) -> None:
    place = Path(os.environ["CLARION_EXAMPLE_VAR"])
    (place / here).write_text(str(os.getpid()))
    end = time.monotonic() + PATIENCE
    while not (place / there).exists():
        if time.monotonic() > end:
            raise PermanentError(f"{here} waited {PATIENCE} s for {there}")
        time.sleep(0.02)
