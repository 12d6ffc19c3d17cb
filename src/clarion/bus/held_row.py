"""Held row: one row's new values, written only while its lease holds."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Any

from django.db import router

from clarion.database.statement import Slot, Statement, updating
from clarion.models import Work


def update_held_row(row: Work, values: Mapping[str, Any]) -> bool:
    """Write to a row of a claim, in one statement; return whether the row was still held."""
    model = type(row)
    fixed = {name: value for name, value in values.items() if _is_fixed(value)}
    given = {name: value for name, value in values.items() if name not in fixed}
    update = _update(model, router.db_for_write(model, instance=row), tuple(fixed.items()), tuple(given))
    return bool(update(**{model._meta.pk.name: row.pk}, lease_token=row.lease_token, **given))


def _is_fixed(value: object) -> bool:
    return value is None or hasattr(value, "resolve_expression")


@lru_cache(maxsize=100)
def _update(
    model: type[Work], using: str, fixed: Collection[tuple[str, Any]], given: Collection[str]
) -> Statement:
    held = {name: Slot(model, name) for name in (model._meta.pk.name, "lease_token")}
    values = dict(fixed) | {name: Slot(model, name) for name in given}
    return updating(model._default_manager.using(using).filter(**held), values)
