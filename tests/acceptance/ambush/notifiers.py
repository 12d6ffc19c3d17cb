"""A handler that gets half of its work done and then waits to be killed, once."""

from __future__ import annotations

import os
import time
from pathlib import Path

from clarion.bus import subscribe
from clarion.events import EventTypes
from clarion.models import EventLog
from clarion.models.person import get_person_model
from clarion.notifiers import notify

PATIENCE = 60
"""Seconds until the handler gives up waiting and returns, which leaves everyone told of too much."""


@subscribe(EventTypes.PRODUCT_CREATED)
def walk_into_the_ambush(event: EventLog) -> None:
    ambush = Path(os.environ["CLARION_EXAMPLE_VAR"], "ambush")
    try:
        ambush.rename(ambush.with_name(f"ambushed-{os.getpid()}"))  # one worker alone can do this
    except FileNotFoundError:
        return
    notify(event, people=get_person_model()._default_manager.all())
    time.sleep(PATIENCE)
