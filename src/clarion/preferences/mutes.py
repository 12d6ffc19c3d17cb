"""Mutes: who wants to hear nothing of a subject."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from clarion.database.listed import listed
from clarion.models import Mute


def mutes_of(people: Collection[Any], subjects: Collection[str]) -> set[tuple[Any, str]]:
    """Return who of these people, by primary key, has muted which of these subjects.

    One query however many there are; none without a subject.
    """
    subjects = {subject for subject in subjects if subject}
    if not subjects:
        return set()
    keys = listed(Mute._meta.get_field("person"), list(people), Mute.objects.db)
    muted = Mute.objects.filter(person__in=keys, subject__in=subjects)
    return set(muted.values_list("person", "subject"))
