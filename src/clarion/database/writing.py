"""Writing: a transaction of a worker's, which always writes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction


@contextmanager
def writing() -> Iterator[None]:
    """Begin a transaction in which the database is written to.

    On SQLite it takes the lock at once, and waits for it: one that has read first gets no second chance if
    somebody else has written meanwhile. Projects that set `transaction_mode` have this everywhere.
    """
    connection = transaction.get_connection()
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        with transaction.atomic():
            yield
        return
    usual, connection.transaction_mode = connection.transaction_mode, "IMMEDIATE"
    try:
        with transaction.atomic():
            yield
    finally:
        connection.transaction_mode = usual
