"""The person model: whatever the project tells of events. ADR 1 has the contract."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

from django.apps import apps
from django.conf import settings
from django.db import models

from clarion.conf import person_model_name
from clarion.database.listed import listed


class Reader(NamedTuple):
    """What must be known of a person to tell them."""

    key: Any
    email: str
    language: str
    is_active: bool


def get_person_model() -> type[models.Model]:
    """Return the model that `CLARION_PERSON_MODEL` names; the user model by default."""
    return apps.get_model(person_model_name())


def email_of(person: models.Model) -> str:
    """Return the person's e-mail address as stored; "" if they have none."""
    return str(getattr(person, "email", "") or "")


def language_of(person: models.Model) -> str:
    """Return the language the person reads; the project's where they have none."""
    return str(getattr(person, "language", "") or settings.LANGUAGE_CODE)


def language_if_known(person: models.Model) -> str:
    """Return the language the person reads; the project's where that cannot be had, whatever it raises.

    What is wrong with one person is recorded when they are told, and keeps nobody else from it.
    """
    try:
        return language_of(person)
    except Exception:  # noqa: BLE001
        return settings.LANGUAGE_CODE


def is_active(person: models.Model) -> bool:
    """Whether the person may be told at all."""
    return bool(getattr(person, "is_active", True))


def read_by(person: models.Model) -> Reader:
    """Return what must be known of this person."""
    return Reader(person.pk, email_of(person), language_of(person), is_active(person))


def readers(keys: Collection[Any]) -> list[Reader]:
    """Return those of these people who still exist, by ascending key, in one query."""
    every = get_person_model()._default_manager.all()
    people = every.filter(pk__in=listed(every.model._meta.pk, keys, every.db)).order_by("pk")
    columns = [_column(people.model, name) for name in ("email", "language", "is_active")]
    selected = [column for column in columns if column is not None]
    if len(selected) < len(columns):
        return [read_by(person) for person in people]
    default = settings.LANGUAGE_CODE
    return [
        Reader(key, email or "", language or default, bool(active))
        for key, email, language, active in people.values_list("pk", *selected)
    ]


def _column(model: type[models.Model], name: str) -> models.F | models.Value | None:
    """Return what selects an attribute without making objects; None if only an object has it."""
    if any(field.name == name for field in model._meta.concrete_fields):
        return models.F(name)
    if not hasattr(model, name):
        return models.Value(name == "is_active" or "")
    return None
