"""Mutes: who wants to hear nothing of a subject."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from clarion.models import Mute


def muted_by(subject: str, people: Collection[Any]) -> set[Any]:
    """Return which of these people, by primary key, have muted the subject. One query; none without one."""
    if not subject:
        return set()
    return set(Mute.objects.filter(person__in=people, subject=subject).values_list("person", flat=True))
