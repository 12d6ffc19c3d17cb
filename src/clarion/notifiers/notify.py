"""notify(): write down who should know of an event."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import closing
from itertools import chain
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import override

from clarion.bus.hints import wake
from clarion.events import EventTypes
from clarion.faults import fault_point
from clarion.links import check_link
from clarion.models import EventLog, HandlerRun, RecipientBatch, Status
from clarion.models.notifiable_event import REASON_LIMIT
from clarion.notifiers.recipients import in_chunks
from clarion.placeholders import single_line

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

CHUNK = 2000
"""People in a batch, which one worker tells in one go."""


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
        How many people were named, duplicates collapsed within each chunk of 2,000.

    Raises:
        InvalidRecipients, InvalidPayload, InvalidLink: nothing is written; the handler's run records it.
    """
    event_type = EventTypes.get(event.event_type)
    values = event_type.validate({**event.payload, **(params or {})})
    check_link(link)
    run = event.run or _run_outside_handlers(event)
    named = told = 0
    with closing(in_chunks(people, CHUNK)) as chunks:
        first = next(chunks, [])
        # One chunk is one statement, which needs no savepoint.
        with transaction.atomic(savepoint=len(first) == CHUNK):
            for recipients in chain([first] if first else [], chunks):
                # In one order everywhere, so that overlapping fan-outs cannot deadlock.
                chosen = sorted(dict(recipients).items())
                RecipientBatch.objects.create(
                    run=run,
                    people=[key for key, _language in chosen],
                    size=len(chosen),
                    params=values,
                    link=link,
                    reasons=_reasons({language for _key, language in chosen}, reason),
                    urgent=event.urgent,
                    delete_at=event.delete_at,
                )
                wake(event.pk)
                fault_point("notify.between_chunks")
                named, told = named + len(recipients), told + len(chosen)
            if told == 0:
                (event.run or event).add_note("nobody to tell")
            elif told < named:
                (event.run or event).add_note(f"{named - told} duplicates collapsed")
    return told


def _run_outside_handlers(event: EventLog) -> HandlerRun:
    """Return what stands for a run where no handler runs, so that people are told once all the same."""
    over = {
        "status": Status.DONE,
        "due_at": None,
        "finished_at": timezone.now(),
        "delete_at": event.delete_at,
    }
    run, _created = HandlerRun.objects.get_or_create(event=event, handler="", defaults=over)
    return run


def _reasons(languages: set[str], reason: StrOrPromise) -> dict[str, str]:
    reasons = {}
    for language in languages if reason else ():
        with override(language):
            reasons[language] = single_line(str(reason), REASON_LIMIT)
    return reasons
