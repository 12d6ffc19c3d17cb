"""Held row: one row's new values, written only while its lease holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from django.db import connections, router
from django.db.models import Field, Value
from django.db.models.expressions import Combinable
from django.db.models.sql import UpdateQuery

from clarion.models import Work

_GIVEN = object()
"""Stands in a statement's parameters for what is given each time."""


def update_held_row(row: Work, values: Mapping[str, Any]) -> bool:
    """Write to a row of a claim, in one statement; return whether the row was still held.

    For one row and the same columns Django takes several times as long to build the statement as the
    database to run it, so it is built once.
    """
    model = type(row)
    using = router.db_for_write(model, instance=row)
    connection = connections[using]
    expressions = tuple((name, value if _is_expression(value) else None) for name, value in values.items())
    statement, parameters, fields = _statement(model, using, expressions)
    plain = (value for value in values.values() if not _is_expression(value))
    given = (
        field.get_db_prep_save(value, connection)
        for field, value in zip(fields, (*plain, row.pk, row.lease_token), strict=True)
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [next(given) if each is _GIVEN else each for each in parameters])
        return bool(cursor.rowcount)


def _is_expression(value: object) -> bool:
    return hasattr(value, "resolve_expression")


@lru_cache(maxsize=100)
def _statement(
    model: type[Work], using: str, columns: Sequence[tuple[str, Combinable | None]]
) -> tuple[str, Sequence[Any], Sequence[Field[Any, Any]]]:
    """Build a statement: its SQL, its parameters, and the fields whose values are to be given."""
    given = Value(_GIVEN)
    held = model._default_manager.using(using).filter(pk=given).filter(lease_token=given)
    update: Any = held.query.chain(UpdateQuery)
    update.add_update_values({name: expression or given for name, expression in columns})
    statement, parameters = update.get_compiler(connection=connections[using]).as_sql()
    names = [name for name, expression in columns if expression is None]
    fields: list[Any] = [model._meta.get_field(name) for name in (*names, model._meta.pk.name, "lease_token")]
    return statement, parameters, fields
