"""Digests: which mails may wait for one, and when it comes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.utils import timezone

from clarion.events import Category, EventType, EventTypes
from clarion.models.cadence import Cadence

DIGEST_AT = time(9)


class Digest(NamedTuple):
    """What a mail waits for."""

    cadence: Cadence
    due_at: datetime


def may_wait(event_type: EventType) -> bool:
    """Whether mails of this type may wait for a digest: what must be known, or known now, comes at once.

    What must not be sent twice comes alone, too: only so can its outcome be its own.
    """
    at_once = event_type.mandatory or event_type.urgent or event_type.at_most_once
    return "email" in event_type.channels and not at_once


def categories_that_may_wait() -> list[Category]:
    """Return those with a type of event that may wait."""
    waiting = {event_type.category for event_type in EventTypes if may_wait(event_type)}
    return [category for category in EventTypes.categories if category in waiting]


def next_digest(cadence: Cadence, time_zone: str, now: datetime) -> datetime:
    """Return when the next digest comes after `now`, in UTC, by the clock on the person's wall.

    On the day the clock is changed that is an hour more or less away. A time that is skipped then brings
    no digest; the next one does.

    Args:
        time_zone: its name; the project's is used where it is empty or this machine does not know it.
        now: aware.
    """
    zone = _zone(time_zone)
    local = now.astimezone(zone).replace(tzinfo=None)
    moments = (
        wall.replace(tzinfo=zone, fold=fold).astimezone(UTC)
        for wall in _walls(cadence, local)
        for fold in (0, 1)
        if _exists(wall.replace(tzinfo=zone, fold=fold))
    )
    return min(moment for moment in moments if moment > now)


def _walls(cadence: Cadence, local: datetime) -> Iterator[datetime]:
    """Yield what the clock shows at some digests around now: one of them may be skipped, and two be past."""
    if cadence == Cadence.HOURLY:
        first, step = local.replace(minute=0, second=0, microsecond=0), timedelta(hours=1)
    else:
        back = timedelta(days=local.weekday() if cadence == Cadence.WEEKLY else 0)
        first = datetime.combine(local.date() - back, DIGEST_AT)
        step = timedelta(weeks=1) if cadence == Cadence.WEEKLY else timedelta(days=1)
    for times in range(-1, 4):
        yield first + times * step


def _exists(moment: datetime) -> bool:
    return moment.astimezone(UTC).astimezone(moment.tzinfo).replace(tzinfo=None) == moment.replace(
        tzinfo=None
    )


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name) if name else timezone.get_default_timezone()
    except (KeyError, ValueError, OSError):  # unknown; no name of a zone; a folder of zones
        return timezone.get_default_timezone()
