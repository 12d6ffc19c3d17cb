"""Recipients: from whatever names people to chunks of primary keys."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from django.db.models import Model, QuerySet

from clarion.exceptions import InvalidRecipients
from clarion.models.person import get_person_model


def keys_in_chunks(people: Iterable[Model], size: int) -> Iterator[list[Any]]:
    """Yield primary keys of people, `size` at a time at the most; a queryset is streamed, never held whole.

    Raises:
        InvalidRecipients: not an iterable, or not of saved instances of the person model.
    """
    keys = _keys_of(people)
    while chunk := list(islice(keys, size)):
        yield chunk


def _keys_of(people: Iterable[Model]) -> Iterator[Any]:
    person_model = get_person_model()
    expected = f"a queryset or an iterable of {person_model._meta.label}"
    if isinstance(people, QuerySet):
        if people.model._meta.concrete_model is not person_model._meta.concrete_model:
            raise InvalidRecipients(
                "people",
                f"a queryset of {people.model._meta.label}",
                expected,
                "follow the relation to the person",
            )
        yield from people.values_list("pk", flat=True).iterator()
        return
    if isinstance(people, Model | str) or not isinstance(people, Iterable):
        raise InvalidRecipients(
            "people", type(people).__name__, expected, "wrap one person in a list: people=[person]"
        )
    for position, person in enumerate(people):
        if not isinstance(person, person_model):
            raise InvalidRecipients(
                f"people[{position}]",
                type(person).__name__,
                person_model._meta.label,
                "pass person instances",
            )
        if person.pk is None:
            raise InvalidRecipients(
                f"people[{position}]",
                f"an unsaved {person_model._meta.label}",
                "a saved one",
                "save the person first",
            )
        yield person.pk
