"""Commits inside a test's own transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DEFAULT_DB_ALIAS
from django.test import TestCase


@contextmanager
def commit(using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """Do what waits for a commit when the block is left, as if the test's own transaction were none.

    A test's transaction is rolled back at its end, so Django never calls what was to follow the commit.
    After this block it does; with the immediate engine, that is the whole pipeline. What an atomic block
    in here rolled back is not called. In a test without a transaction of its own this changes nothing.

    Args:
        using: alias of the database.
    """
    with TestCase.captureOnCommitCallbacks(using=using, execute=True):
        yield
