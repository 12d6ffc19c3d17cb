"""notify(): write down who should know of an event."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import closing
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Model
from django.utils.translation import override

from clarion.bus.hints import Job, hint
from clarion.events import EventTypes
from clarion.faults import fault_point
from clarion.links import check_link
from clarion.models import EventLog, NotifiableEvent
from clarion.models.insertion import insert_missing
from clarion.models.notifiable_event import REASON_LIMIT
from clarion.notifiers.recipients import in_chunks
from clarion.placeholders import single_line

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

CHUNK = 1000
"""People per insert and per processing hint."""


def notify(
    event: EventLog,
    *,
    people: Iterable[Model],
    params: Mapping[str, Any] | None = None,
    link: str = "",
    reason: StrOrPromise = "",
) -> int:
    """Have these people told of this event, each once, however often they are named or this runs.

    Args:
        event: what the handler was given.
        people: a queryset or any iterable of persons.
        params: values for the templates, over those of the payload; they must match its schema too.
        link: where the notification leads: a path on this site, or an http(s) URL.
        reason: why these people are told, for them to read: "because you manage Acme". A lazy
            translation is put into each person's language.

    Returns:
        How many people were named, duplicates collapsed within each chunk of 1,000.

    Raises:
        InvalidRecipients, InvalidPayload, InvalidLink: nothing is written; the handler's run records it.
    """
    event_type = EventTypes.get(event.event_type)
    values = event_type.validate({**event.payload, **(params or {})})
    check_link(link)
    handler = event.run.handler if event.run else ""
    named = told = 0
    with transaction.atomic(), closing(in_chunks(people, CHUNK)) as chunks:
        for recipients in chunks:
            # In one order everywhere, so that overlapping fan-outs cannot deadlock.
            chosen = sorted(dict(recipients).items())
            because = {language: _reason_in(language, reason) for language in {each[1] for each in chosen}}
            insert_missing(
                NotifiableEvent,
                [
                    NotifiableEvent(
                        event_log=event,
                        handler=handler,
                        event_type=event.event_type,
                        person_id=key,
                        params=values,
                        link=link,
                        reason=because[language],
                        delete_at=event.delete_at,
                    )
                    for key, language in chosen
                ],
            )
            hint(Job.PROCESS_NOTIFICATIONS, event.pk)
            fault_point("notify.between_chunks")
            named, told = named + len(recipients), told + len(chosen)
        if told == 0:
            (event.run or event).add_note("nobody to tell")
        elif told < named:
            (event.run or event).add_note(f"{named - told} duplicates collapsed")
    return told


def _reason_in(language: str, reason: StrOrPromise) -> str:
    with override(language):
        return single_line(str(reason), REASON_LIMIT)
