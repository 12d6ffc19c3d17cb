"""Bench: where a figure is measured, and how: in turns, so that a busy machine is fair to all."""

from __future__ import annotations

import gc
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.db import connection

PROGRESS = "@ "
"""How a line on standard error begins that says how far a figure has come."""

Contender = Callable[[], float]
"""Does the work once; returns a sample in the figure's unit."""


@dataclass(frozen=True)
class Bench:
    """One figure on one database, in a process of its own.

    Attributes:
        database: `sqlite` or `postgres`.
        quick: whether sizes are small.
        rounds: how often each contender has its turn.
        folder: for files of this run.
    """

    database: str
    quick: bool
    rounds: int
    folder: Path

    def size(self, full: int, quick: int) -> int:
        """Return a size: the full one, or the one for quick runs."""
        return quick if self.quick else full

    def say(self, text: str) -> None:
        """Say how far it has come."""
        sys.stderr.write(f"{PROGRESS}{text}\n")
        sys.stderr.flush()

    def take_turns(
        self, contenders: Mapping[str, Contender], rounds: int | None = None
    ) -> dict[str, list[float]]:
        """Return each contender's samples. Who begins changes from round to round."""
        samples: dict[str, list[float]] = {name: [] for name in contenders}
        names = list(contenders)
        for turn in range(rounds or self.rounds):
            settle()
            shift = turn % len(names)
            for name in names[shift:] + names[:shift]:
                self.say(f"round {turn + 1} of {rounds or self.rounds}: {name}")
                samples[name].append(contenders[name]())
        return samples


def settle() -> None:
    """Write back what earlier work left in memory, so that nobody pays for another."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("CHECKPOINT")
        else:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def tidy(*tables: str) -> None:
    """Have the database know its rows: statistics, and on PostgreSQL which pages all may see."""
    with connection.cursor() as cursor:
        for table in tables:
            quoted = connection.ops.quote_name(table)
            cursor.execute(
                f"VACUUM ANALYZE {quoted}" if connection.vendor == "postgresql" else f"ANALYZE {quoted}"
            )


def seconds(work: Callable[[], object]) -> float:
    """Return how long it takes."""
    gc.collect()
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def per_second(count: int, work: Callable[[], object]) -> float:
    """Return how many of `count` are done in a second."""
    return count / seconds(work)


def milliseconds(work: Callable[[], object]) -> float:
    """Return how long it takes, without tidying up before it: for what is short, and done often."""
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def load() -> float:
    """Return the machine's load, over one minute."""
    return round(os.getloadavg()[0], 2)


@contextmanager
def raw_cursor() -> Iterator[object]:
    """Yield a cursor of the database's own driver, on Django's connection, in a transaction."""
    connection.ensure_connection()
    raw = connection.connection
    cursor = raw.cursor()
    try:
        yield cursor
    finally:
        cursor.close()
