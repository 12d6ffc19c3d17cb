"""The probe's event type, and what its handler does."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Literal

from pydantic import BaseModel

from clarion.events import AppText, Category, EventType
from clarion.models import EventLog

Ending = Literal["return", "raise", "wait"]


class Probed(BaseModel):
    """What the handler needs to know."""

    ledger: str
    ending: Ending
    secret: str


PROBED = EventType(
    name="engine.probed",
    display_name="Engine probed",
    category=Category("engine", "Engine"),
    payload=Probed,
    texts=(AppText(title="Probed", message="The engine was probed."),),
)


def leave_trace(event: EventLog) -> None:
    """Write a line to the ledger; then return, raise, or wait to be killed, but at the first attempt only."""
    assert event.run
    with Path(event.payload["ledger"]).open("a") as ledger:
        ledger.write(f"{event.pk} {os.getpid()}\n")
    if event.payload["ending"] == "raise":
        raise RuntimeError("the probe's handler was asked to raise")
    while event.payload["ending"] == "wait" and event.run.attempts == 1:
        time.sleep(0.05)
