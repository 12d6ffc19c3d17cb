"""Existence: whether there are no rows, one, or more, asked of many tables at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.db import connections
from django.db.models import QuerySet, Value

MANY = 2
"""As far as rows are counted."""


def existence(queries: Sequence[QuerySet[Any]]) -> Callable[[], list[int]]:
    """Return a function that says of each query whether it finds 0, 1 or `MANY` rows, in one statement.

    Building the statement costs far more than running it, so build it once for many questions. The
    function may be called in any thread.

    Args:
        queries: of one database, each in the order of the index by which its first rows are found.
    """
    alias = queries[0].db
    parts, variables = [], []
    for rows in queries:
        # Not EXISTS, which drops the order, and with it the index: a planner that remembers a long queue
        # would look for the last of it in the whole table.
        first = rows.values_list(Value(1))[:MANY]
        part, values = first.query.get_compiler(connection=connections[alias]).as_sql()
        parts.append(f"(SELECT count(*) FROM ({part}) AS found)")
        variables += values
    statement = f"SELECT {', '.join(parts)}"

    def ask() -> list[int]:
        with connections[alias].cursor() as cursor:
            cursor.execute(statement, variables)
            return list(cursor.fetchone())

    return ask
