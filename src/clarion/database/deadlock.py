"""Deadlock: two who each wait for what the other has locked, until the database ends one of them."""

from __future__ import annotations

from django.db import DatabaseError

SQLSTATE = "40P01"
"""PostgreSQL, appendix A of its manual: deadlock_detected."""

ER_LOCK_DEADLOCK = 1213
"""MySQL and MariaDB. SQLite has one writer, and so none."""


def is_deadlock(error: DatabaseError) -> bool:
    """Return whether this statement was ended so that another could go on: it may simply come again."""
    cause = error.__cause__
    state = getattr(cause, "sqlstate", None) or getattr(cause, "pgcode", None)  # psycopg 3, psycopg2
    return state == SQLSTATE or error.args[:1] == (ER_LOCK_DEADLOCK,)
