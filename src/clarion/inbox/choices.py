"""Choices: changing a few of a person's choices, and no others."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from django.db.models import Model

from clarion.models import NotificationPreference

FOLLOW = "follow"
"""The event type has no choice of its own: its category's holds."""


@contextmanager
def changing(person: Model) -> Iterator[NotificationPreference]:
    """Hand out the person's record, locked, and save it. Who comes second waits, and loses nothing."""
    with transaction.atomic():
        records = NotificationPreference.objects.select_for_update()
        preference, _created = records.get_or_create(person_id=person.pk)
        yield preference
        preference.save()


def choose(person: Model, event_type: str, choice: str) -> str:
    """Store the person's choice for an event type, or none for FOLLOW; return what it was.

    Raises:
        ValidationError: there is no such choice.
    """
    with changing(person) as preference:
        before = preference.event_types.get(event_type, FOLLOW)
        if choice == FOLLOW:
            preference.event_types.pop(event_type, None)
        else:
            preference.event_types[event_type] = choice
    return before
