"""How long the rows of an event type live."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from clarion.conf import get_settings
from clarion.events import EventType


class Lifetime(NamedTuple):
    """Retention of an event's own rows and e-mails, and of its inbox items."""

    events: timedelta
    inbox: timedelta

    @property
    def longest(self) -> timedelta:
        """The parent rows outlive all that hang from them."""
        return max(self)


def lifetime_of(event_type: EventType) -> Lifetime:
    """Return what the event type says, else what the project says, else 72 hours."""
    settings = get_settings()
    events = event_type.retention or settings.RETENTION
    return Lifetime(events, event_type.inbox_retention or settings.INBOX_RETENTION or events)
