"""Publish: what it costs a web request to say that something happened."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from statistics import median
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from django_q.brokers import get_broker

from benchmarks import world
from benchmarks.bench import Bench, load, milliseconds
from benchmarks.figures.base import Figure
from benchmarks.peers.seed import flow
from benchmarks.project.events import SEEN, payload
from benchmarks.results import OURS, Goal, Result
from clarion.bus import get_event_bus
from clarion.models import EventLog

SEED = "the seed's publish"
ORM = "the same row through the ORM"
RAW = "the same row by raw SQL"
VALUES = payload(1, 1)


class Publish(Figure):
    """In a transaction of its own, with its commit and the hint to the real engine."""

    name = "publish"
    engine = "q2-orm"
    rounds = 5

    def measure(self, bench: Bench) -> Iterator[Result]:
        """See base."""
        world.migrate()
        world.add_people(1)
        rows = bench.size(1_000, 100)
        for name, title, once in (
            ("publish", "publish() alone, within a transaction", _within),
            ("publish-commit", "publish() in a transaction, its commit and its hint", _with_commit),
        ):
            result = Result(
                name=name,
                title=title,
                database=bench.database,
                unit="ms a call",
                peer=SEED,
                limit=RAW,
                goals=(Goal(ORM, 2, at_least=False),),
                load=load(),
            )
            work = {OURS: _ours, SEED: _seed, ORM: _orm, RAW: _raw}
            result.samples = bench.take_turns({who: _sampled(once, call, rows) for who, call in work.items()})
            result.notes = [f"The median of {rows:,} calls, in each round. {SEED} queues its task at once."]
            yield result


def _sampled(
    once: Callable[[Callable[[], object], int], list[float]], call: Callable[[], object], rows: int
) -> Callable[[], float]:
    def sample() -> float:
        call()
        taken = median(once(call, rows))
        # The queue stays short: with the engine's own database every task is a row.
        get_broker().purge_queue()
        return taken

    return sample


def _within(call: Callable[[], object], rows: int) -> list[float]:
    with transaction.atomic():
        taken = [milliseconds(call) for _ in range(rows)]
        # Rolled back, so that the hints are no part of it.
        transaction.set_rollback(True)
    return taken


def _with_commit(call: Callable[[], object], rows: int) -> list[float]:
    def in_transaction() -> None:
        with transaction.atomic():
            call()

    return [milliseconds(in_transaction) for _ in range(rows)]


def _ours() -> None:
    get_event_bus().publish(SEEN, VALUES)


def _seed() -> None:
    flow.publish(VALUES)


def _orm() -> None:
    _row().save(force_insert=True)


def _row() -> EventLog:
    return EventLog(event_type=SEEN, payload=VALUES, delete_at=timezone.now() + timedelta(hours=72))


def _raw() -> None:
    cursor: Any = connection.connection.cursor()
    cursor.execute(*_insert())
    cursor.close()


def _insert() -> tuple[str, list[Any]]:
    """Return the statement that the ORM would make, and its values, made once."""
    if connection.vendor not in _inserts:
        row = _row()
        fields = [
            field
            for field in row._meta.local_concrete_fields
            if not field.primary_key and not field.has_db_default()
        ]
        marks = ", ".join(["%s" if connection.vendor == "postgresql" else "?"] * len(fields))
        columns = ", ".join(f'"{field.column}"' for field in fields)
        values = [field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields]
        table = row._meta.db_table
        _inserts[connection.vendor] = f"INSERT INTO {table} ({columns}) VALUES ({marks})", values
    return _inserts[connection.vendor]


_inserts: dict[str, tuple[str, list[Any]]] = {}
