"""Recipients: from whatever names people to chunks of keys and languages."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from itertools import islice
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import Model, QuerySet

from clarion.exceptions import InvalidRecipients
from clarion.models.person import get_person_model, language_if_known

FEW = 1000
"""People of a query set who are read at once; more are streamed."""


class Recipient(NamedTuple):
    """A person's primary key, and the language they read."""

    key: Any
    language: str


def in_chunks(people: Iterable[Model], size: int) -> Generator[list[Recipient]]:
    """Yield recipients, `size` at a time at the most; a queryset is streamed, never held whole.

    Close it if it may not be read to its end.

    Raises:
        InvalidRecipients: not an iterable, or not of saved instances of the person model.
    """
    with closing(_recipients(people)) as recipients:
        while chunk := list(islice(recipients, size)):
            yield chunk


def _recipients(people: Iterable[Model]) -> Generator[Recipient]:
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
        yield _from_person(person)


def _from_queryset(people: QuerySet[Any]) -> Iterator[Recipient]:
    rows: QuerySet[Any, Any] = people
    as_recipient: Callable[[Any], Recipient] = _from_columns
    if any(field.name == "language" for field in people.model._meta.concrete_fields):
        rows = people.values_list("pk", "language")
    elif not hasattr(people.model, "language"):
        rows = people.values_list("pk")
    else:
        as_recipient = _from_person
    # A server-side cursor takes four round trips, which is too many for a few people.
    if len(few := list(rows[: FEW + 1])) <= FEW:
        yield from map(as_recipient, few)
        return
    streamed: Any = rows.iterator()
    # Closed here, because a server-side cursor cannot be once what failed is rolled back.
    with closing(streamed):
        yield from map(as_recipient, streamed)


def _from_person(person: Model) -> Recipient:
    return Recipient(person.pk, language_if_known(person))


def _from_columns(row: Sequence[Any]) -> Recipient:
    key, *language = row
    return Recipient(key, (language and language[0]) or settings.LANGUAGE_CODE)
