"""The events. CHAOS_CODE is the version of this code: a worker may be older or newer than who publishes."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any

from pydantic import BaseModel

from chaos.project.models import Happening
from clarion.events import AppText, Category, EmailText, EventType, EventTypes
from clarion.exceptions import SubjectGone

CODE = int(os.environ.get("CHAOS_CODE", "1"))

HAPPENED = "chaos.happened"
ONCE = "chaos.once"
URGENT = "chaos.urgent"
CONFIDENTIAL = "chaos.confidential"
POISON = "chaos.poison"
POISONED_MAIL = "chaos.poisoned_mail"
ORPHAN = "chaos.orphan"

CATEGORY = Category("chaos", "Chaos")


class Happened(BaseModel):
    """Who should know: the people from `first` to `last`."""

    number: int
    first: int
    last: int
    how: str = ""
    secret: str = ""


class HappenedLater(Happened):
    """The next version of the same, with a field that the first lacks."""

    place: str


def _to_2(payload: dict[str, Any]) -> dict[str, Any]:
    return {**payload, "place": "somewhere"}


def _who_may_know(payload: Mapping[str, Any], people: Collection[int]) -> Collection[int]:
    happening = Happening.objects.get(number=payload["number"])
    if happening.is_gone:
        raise SubjectGone
    return [person for person in people if person != happening.barred]


def _event_type(name: str, mail: str = "It was {number}. {secret}\n", **options: Any) -> EventType:
    return EventType(
        name=name,
        display_name=name,
        category=CATEGORY,
        payload=Happened if CODE == 1 else HappenedLater,
        version=CODE,
        upcasters={} if CODE == 1 else {1: _to_2},
        texts=(
            AppText(title="Happening {number}", message="It was {number}. {secret}"),
            EmailText(title="Happening {number}", template=mail),
        ),
        **options,
    )


EventTypes.register(
    _event_type(HAPPENED),
    _event_type(ONCE, at_most_once=True),
    _event_type(URGENT, urgent=True),
    _event_type(CONFIDENTIAL, audience=_who_may_know, subject="secret"),
    _event_type(POISON),
    _event_type(POISONED_MAIL, mail="{how}"),
    _event_type(ORPHAN, retention=timedelta(seconds=6)),
)
