"""Statements that the ORM builds once, to be run often, each time with other values.

Building one costs more than running it, where an index answers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, cast

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Expression, Field, Model, QuerySet
from django.db.models.sql import UpdateQuery
from django.db.models.sql.compiler import SQLCompiler

if TYPE_CHECKING:
    AnyField = Field[Any, Any]  # not generic at run time

Statement = Callable[..., int]
"""Takes the values of its slots by their names. It may be called in any thread."""


class Slot(Expression):
    """The place in a statement of a value that is given when it is run."""

    def __init__(self, model: type[Model], name: str) -> None:
        """Take the field that the value is of: it names the value, and prepares it."""
        super().__init__(output_field=cast("AnyField", model._meta.get_field(name)))
        self.name = name

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        """Return the place, and itself in place of a value."""
        return "%s", [self]


def counting(rows: QuerySet[Any, Any]) -> Statement:
    """Return what counts the rows, which may have slots in their filters."""
    sql, values = rows.query.get_compiler(connection=connections[rows.db]).as_sql()
    return _statement(
        rows.db, f"SELECT count(*) FROM ({sql}) AS found", values, lambda cursor: cursor.fetchone()[0]
    )


def updating(rows: QuerySet[Any, Any], values: Mapping[str, Any]) -> Statement:
    """Return what gives the rows these values, which may be slots, and says how many rows those were."""
    update: Any = rows.query.chain(UpdateQuery)
    update.add_update_values(values)
    sql, variables = update.get_compiler(connection=connections[rows.db]).as_sql()
    return _statement(rows.db, sql, variables, lambda cursor: cursor.rowcount)


def _statement(alias: str, sql: str, values: Any, answer: Callable[[Any], Any]) -> Statement:
    def run(**slots: Any) -> int:
        connection = connections[alias]
        with connection.cursor() as cursor:
            cursor.execute(sql, [_filled(value, slots, connection) for value in values])
            return int(answer(cursor))

    return run


def _filled(value: object, slots: Mapping[str, Any], connection: BaseDatabaseWrapper) -> Any:
    if not isinstance(value, Slot):
        return value
    return value.output_field.get_db_prep_save(slots[value.name], connection)
