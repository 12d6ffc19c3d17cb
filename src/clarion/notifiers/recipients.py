"""Recipients: from whatever names people to chunks of keys and languages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import Model, QuerySet

from clarion.exceptions import InvalidRecipients
from clarion.models.person import get_person_model, language_of


class Recipient(NamedTuple):
    """A person's primary key, and the language they read."""

    key: Any
    language: str


def in_chunks(people: Iterable[Model], size: int) -> Iterator[list[Recipient]]:
    """Yield recipients, `size` at a time at the most; a queryset is streamed, never held whole.

    Raises:
        InvalidRecipients: not an iterable, or not of saved instances of the person model.
    """
    recipients = _recipients(people)
    while chunk := list(islice(recipients, size)):
        yield chunk


def _recipients(people: Iterable[Model]) -> Iterator[Recipient]:
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
        yield from _from_queryset(people)
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
        yield Recipient(person.pk, language_of(person))


def _from_queryset(people: QuerySet[Any]) -> Iterator[Recipient]:
    fields = {field.name for field in people.model._meta.concrete_fields}
    if "language" in fields:
        rows = people.values_list("pk", "language").iterator()
        return (Recipient(key, language or settings.LANGUAGE_CODE) for key, language in rows)
    if hasattr(people.model, "language"):
        return (Recipient(person.pk, language_of(person)) for person in people.iterator())
    return (Recipient(key, settings.LANGUAGE_CODE) for key in people.values_list("pk", flat=True).iterator())
