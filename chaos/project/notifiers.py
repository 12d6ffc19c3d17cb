"""The handlers: one tells people, one has an effect of its own, one does harm."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path
from socket import gethostname

from django.contrib.auth import get_user_model

from chaos.project.events import CONFIDENTIAL, HAPPENED, ONCE, ORPHAN, POISON, POISONED_MAIL, URGENT
from chaos.project.harm import HARM
from chaos.project.models import Effect
from clarion.bus import subscribe
from clarion.models import EventLog
from clarion.notifiers import notify

TOLD = (HAPPENED, ONCE, URGENT, CONFIDENTIAL, POISONED_MAIL)


@subscribe(*TOLD)
def tell(event: EventLog) -> None:
    """Tell everyone concerned."""
    number, first, last = (event.payload[key] for key in ("number", "first", "last"))
    people = get_user_model()._default_manager.filter(pk__range=(first, last)).order_by("pk")
    notify(event, people=people, link=f"/happenings/{number}/")


@subscribe(*TOLD)
def leave_effect(event: EventLog) -> None:
    """Write a row of the product's own, as part of the run."""
    _walk_into_ambush()
    place = event.payload.get("place", "")
    Effect.objects.create(number=event.payload["number"], host=gethostname(), place=place)


@subscribe(POISON)
def swallow(event: EventLog) -> None:
    """Do the harm that the event asks for."""
    Effect.objects.create(number=event.payload["number"], host=gethostname())
    HARM[event.payload["how"]]()


@subscribe(ORPHAN)
def stay_behind(event: EventLog) -> None:
    """Do nothing; a handler that was beside this one has gone."""


def _walk_into_ambush() -> None:
    """Leave this process's id and wait until it has been stopped and goes on, if somebody lies in wait."""
    folder = Path(os.environ.get("CHAOS_AMBUSH", "/nonexistent"))
    with suppress(FileNotFoundError):
        (folder / "ambush").rename(folder / f"caught-{os.getpid()}")
        while not (folder / "released").exists():
            time.sleep(0.02)
