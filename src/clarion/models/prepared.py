"""Prepared: statements that the ORM builds once, to be run often. Building one costs more than running it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from django.db import connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Expression, QuerySet
from django.db.models.sql import UpdateQuery
from django.db.models.sql.compiler import SQLCompiler

if TYPE_CHECKING:
    Field = models.Field[Any, Any]  # not generic at run time


class Given(Expression):
    """A value of a field that is given whenever the statement runs."""

    def __init__(self, name: str, field: Field) -> None:
        super().__init__(output_field=field)
        self.name = name

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        """Return a variable that stands for itself."""
        return "%s", [self]


def prepared_update(rows: QuerySet[Any], values: Mapping[str, Any]) -> Callable[..., int]:
    """Return a function that updates the rows and says how many those were; it may be called in any thread.

    Args:
        rows: what to update; filters may name `Given` values.
        values: by field, as of `QuerySet.update`; some may be `Given`. The function takes all of those by
            their names.
    """
    alias = rows.db
    update: Any = rows.query.chain(UpdateQuery)
    update.add_update_values(values)
    statement, variables = update.get_compiler(connection=connections[alias]).as_sql()

    def run(**given: Any) -> int:
        connection = connections[alias]
        with connection.cursor() as cursor:
            cursor.execute(statement, [_value(each, given, connection) for each in variables])
            return int(cursor.rowcount)

    return run


def _value(variable: Any, given: Mapping[str, Any], connection: BaseDatabaseWrapper) -> Any:
    if not isinstance(variable, Given):
        return variable
    return variable.output_field.get_db_prep_save(given[variable.name], connection)
