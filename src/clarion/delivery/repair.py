"""Repair: what fell back to the stand-in text gets its own, once the template is mended."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.db import transaction

from clarion.channels.base import Channel
from clarion.delivery.registry import CHANNELS
from clarion.events import EventTypes
from clarion.models import NotifiableEvent
from clarion.models.person import language_of
from clarion.rendering.lookup import TemplateShelf
from clarion.rendering.renderer import content_for

BATCH = 500
"""Notifications that are read at a time."""


class Repair(NamedTuple):
    """How many notifications have their own text now, and how many still have the stand-in."""

    mended: int
    broken: int


def rerender() -> Repair:
    """Render anew what fell back, in the inbox and in mails that wait; sent mails stay as they went."""
    mended = broken = 0
    for channel in CHANNELS:
        shelf = TemplateShelf(channel.template_model, [event_type.name for event_type in EventTypes])
        for notification in _fallbacks_of(channel):
            if _mend(channel, shelf, notification):
                mended += 1
            else:
                broken += 1
    return Repair(mended, broken)


def _fallbacks_of(channel: Channel) -> Iterator[Any]:
    # Not by a server-side cursor: behind a pool it would be on somebody else's connection at the next look.
    rows = channel.fallbacks().select_related("event__person").order_by("pk")
    batch = list(rows[:BATCH])
    while batch:
        yield from batch
        batch = list(rows.filter(pk__gt=batch[-1].pk)[:BATCH])


def _mend(channel: Channel, shelf: TemplateShelf, notification: Any) -> bool:
    event: NotifiableEvent = notification.event
    content = content_for(shelf, event.event_type, language_of(event.person), event.params)
    if content.is_fallback:
        return False
    texts = {**channel.texts(content), "template_version": content.template_version}
    with transaction.atomic():
        # Asked again: a mail may have gone out meanwhile.
        mended = channel.fallbacks().filter(pk=notification.pk).update(is_fallback=False, **texts)
        if mended:
            left = [line for line in event.error.splitlines() if not line.startswith(f"{channel.name}: ")]
            NotifiableEvent.objects.filter(pk=event.pk).update(error="\n".join(left))
    return bool(mended)
