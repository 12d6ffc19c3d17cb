"""Commits inside a test's own transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DEFAULT_DB_ALIAS, transaction
from django.test import TestCase


@contextmanager
def commit(using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """Treat the block as a transaction that commits, so that what is published in it is carried out.

    A test's own transaction is rolled back at its end, so Django never calls what waits for the commit.
    After this block it is called; with the immediate engine, that is the whole pipeline. Where the block
    raises, all that it did is undone and nothing is called. In a test without a transaction of its own,
    the block is an ordinary `transaction.atomic()`.

    Args:
        using: alias of the database.
    """
    with TestCase.captureOnCommitCallbacks(using=using, execute=True), transaction.atomic(using=using):
        yield
