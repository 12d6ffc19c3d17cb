"""Statement: a query that is built once and asked often, each time with other values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Expression, Field, Model, QuerySet
from django.db.models.sql.compiler import SQLCompiler

if TYPE_CHECKING:
    AnyField = Field[Any, Any]  # not generic at run time


class Slot(Expression):
    """The place in a query set where a `Statement` has a value that is given when it is asked."""

    def __init__(self, model: type[Model], name: str) -> None:
        """Take the field that the value is compared with: it names the value, and prepares it."""
        super().__init__(output_field=cast("AnyField", model._meta.get_field(name)))
        self.name = name

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        """Return the place, and itself in place of a value."""
        return "%s", [self]


class Statement:
    """A query set as SQL. Building that costs more than running it, where an index answers.

    It may be asked in any thread.
    """

    def __init__(self, rows: QuerySet[Any, Any]) -> None:
        """Build the statement for the database of `rows`, which may have slots in its filters."""
        self._alias = rows.db
        compiler = rows.query.get_compiler(connection=connections[self._alias])
        self._sql, self._values = compiler.as_sql()

    def count(self, **slots: Any) -> int:
        """Return how many rows there are, with these values in the slots."""
        connection = connections[self._alias]
        values = [_filled(value, slots, connection) for value in self._values]
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM ({self._sql}) AS found", values)
            return int(cursor.fetchone()[0])


def _filled(value: object, slots: dict[str, Any], connection: BaseDatabaseWrapper) -> Any:
    if not isinstance(value, Slot):
        return value
    return value.output_field.get_db_prep_value(slots[value.name], connection)
