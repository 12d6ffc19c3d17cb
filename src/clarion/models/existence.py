"""Existence: whether there are rows, asked of many tables at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.db import connections
from django.db.models import QuerySet


def existence(queries: Sequence[QuerySet[Any]]) -> Callable[[], list[bool]]:
    """Return a function that says of each query whether it finds anything, in one statement.

    Building the statement costs more than running it, so build it once for many questions.
    """
    connection = connections[queries[0].db]
    parts, variables = [], []
    for rows in queries:
        part, values = rows.query.exists().get_compiler(connection=connection).as_sql()
        parts.append(f"EXISTS({part})")
        variables += values
    statement = f"SELECT {', '.join(parts)}"

    def ask() -> list[bool]:
        with connection.cursor() as cursor:
            cursor.execute(statement, variables)
            return [bool(found) for found in cursor.fetchone()]

    return ask
