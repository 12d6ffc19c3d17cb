"""The person model: whatever the project tells of events. ADR 1 has the contract."""

from __future__ import annotations

from django.apps import apps
from django.conf import settings
from django.db import models

from clarion.conf import person_model_name


def get_person_model() -> type[models.Model]:
    """Return the model that `CLARION_PERSON_MODEL` names; the user model by default."""
    return apps.get_model(person_model_name())


def email_of(person: models.Model) -> str:
    """Return the person's e-mail address as stored; "" if they have none."""
    return str(getattr(person, "email", "") or "")


def language_of(person: models.Model) -> str:
    """Return the language the person reads; the project's where they have none."""
    return str(getattr(person, "language", "") or settings.LANGUAGE_CODE)


def is_active(person: models.Model) -> bool:
    """Whether the person may be told at all."""
    return bool(getattr(person, "is_active", True))
