"""Announcement: “these people's inboxes have changed”, said with the transaction that changes them."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Model

from clarion.models import InboxState
from clarion.realtime.broadcaster import get_broadcaster


def announce(person_ids: Iterable[object]) -> None:
    """Tell whoever is looking that these people's inboxes change with the current transaction.

    Call it in the transaction that writes their rows, once for all of them. It writes nothing, and costs one
    statement or message for hundreds of people; nothing at all where no broadcaster is configured.
    """
    if (broadcaster := get_broadcaster()) and (keys := sorted({str(key) for key in person_ids})):
        broadcaster.announce(keys)


def announce_action(person: Model) -> None:
    """Count one more change by the person's own hand, and tell their other tabs and devices of it."""
    InboxState.touch(person)
    announce([person.pk])
