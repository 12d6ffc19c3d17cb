"""What somebody else does between two statements of ours."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.db.models import Model


@contextmanager
def meanwhile(happens: Callable[[], object], *, before: str, of: type[Model]) -> Iterator[None]:
    """Have something happen once, just before the first statement of this kind about this model.

    Args:
        before: what the statement begins with, such as "UPDATE".
    """
    table = connection.ops.quote_name(of._meta.db_table)
    waits = True

    def interrupt(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        nonlocal waits
        if waits and sql.startswith(before) and table in sql:
            waits = False
            happens()
        return execute(sql, *rest)

    with connection.execute_wrapper(interrupt):
        yield
    assert not waits, f"no {before} of {of.__name__} came"
