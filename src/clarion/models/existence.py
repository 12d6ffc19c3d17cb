"""Existence: whether there are rows, asked of many tables at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.db import connections
from django.db.models import QuerySet, Value


def existence(queries: Sequence[QuerySet[Any]]) -> Callable[[], list[bool]]:
    """Return a function that says of each query whether it finds anything, in one statement.

    Building the statement costs more than running it, so build it once for many questions.

    Args:
        queries: each in the order of the index by which its first row is found.
    """
    connection = connections[queries[0].db]
    parts, variables = [], []
    for rows in queries:
        # Not EXISTS, which drops the order, and with it the index: a planner that remembers a long queue
        # would look for the last of it in the whole table.
        first = rows.values_list(Value(1))[:1]
        part, values = first.query.get_compiler(connection=connection).as_sql()
        parts.append(f"({part})")
        variables += values
    statement = f"SELECT {', '.join(parts)}"

    def ask() -> list[bool]:
        with connection.cursor() as cursor:
            cursor.execute(statement, variables)
            return [found is not None for found in cursor.fetchone()]

    return ask
