"""Cleanup: half of the rows have expired. How fast do they go, in how much memory, and who else must wait?"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from statistics import quantiles
from typing import Any

from django.db import connection
from django.utils import timezone

from benchmarks import world
from benchmarks.alone import in_process
from benchmarks.bench import Bench, load, milliseconds
from benchmarks.figures.base import Figure
from benchmarks.peers.seed import models as seed
from benchmarks.results import OURS, Goal, Result
from chaos.databases import DATABASES

RAW = "raw SQL, in batches"
SEED = "the seed's .delete()"
ALONE = "nobody cleans up"
BOUND = "the bound"


class Cleanup(Figure):
    """Each contender in a fresh process, on a copy of the same database."""

    name = "cleanup"
    rounds = 1

    def measure(self, bench: Bench) -> Iterator[Result]:
        """See base."""
        rows, people = bench.size(1_000_000, 20_000), bench.size(100_000, 1_000)
        world.migrate()
        world.add_people(people)
        world.keep_mail()
        past = f"'{timezone.now() - timedelta(hours=1):%Y-%m-%d %H:%M:%S.%f}'"
        zone = "::timestamptz" if connection.vendor == "postgresql" else ""
        aged = {"delete_at": f"CASE WHEN s.n % 2 = 1 THEN {past}{zone} ELSE delete_at END"}
        bench.say(f"{rows:,} rows")
        world.fill_ours(rows, people, instead=aged)
        world.fill_seed(rows, people, instead=aged)
        results = [
            Result(
                name="cleanup",
                title=f"Cleanup of half of {rows:,} people's rows",
                database=bench.database,
                unit="people's rows/s",
                peer=SEED,
                limit=RAW,
                goals=(Goal(RAW, 0.7),),
            ),
            Result(
                name="cleanup-memory",
                title="Peak memory of the cleanup",
                database=bench.database,
                unit="MB",
                peer=SEED,
                limit=BOUND,
                goals=(Goal(BOUND, 1, at_least=False),),
                samples={BOUND: [100.0]},
            ),
            Result(
                name="cleanup-writers",
                title="Another writer's insert and commit meanwhile",
                database=bench.database,
                unit="ms, 95th percentile",
                peer=SEED,
                limit=ALONE,
                goals=(Goal(ALONE, 2, at_least=False),),
            ),
        ]
        speed, memory, writers = results
        for result in results:
            result.load = load()

        def contender(name: str, work: str) -> Callable[[], float]:
            def clean() -> float:
                with _copy(bench) as database, _writing(database) as taken:
                    done = in_process(work, database=database)
                memory.samples.setdefault(name, []).append(done.memory)
                writers.samples.setdefault(name, []).append(_percentile(taken))
                return rows / 2 / done.took

            return clean

        speed.samples = bench.take_turns(
            {
                OURS: contender(OURS, "clean up"),
                RAW: contender(RAW, "clean up raw"),
                SEED: contender(SEED, "clean up seed"),
            }
        )
        with _copy(bench) as database, _writing(database) as taken:
            time.sleep(bench.size(10, 2))
        writers.samples[ALONE] = [_percentile(taken)]
        speed.notes = ["Three rows for each person: the notifiable event, the inbox item and the mail."]
        writers.notes = ["One writer of one row, five milliseconds after the one before."]
        yield from results


@contextmanager
def _copy(bench: Bench) -> Iterator[str]:
    """Yield the name of a copy of the database."""
    database, original = DATABASES[bench.database], str(connection.settings_dict["NAME"])
    # Nobody may be connected to what is copied.
    connection.close()
    name = f"{original}_copy"
    database.create(name, like=original)
    try:
        yield name
    finally:
        database.drop(name)


@contextmanager
def _writing(database: str) -> Iterator[list[float]]:
    """Write small rows into that database while the block runs; yields what each took, in ms."""
    taken: list[float] = []
    stopped = threading.Event()

    def write() -> None:
        other = connection.copy()
        other.settings_dict["NAME"] = database
        table = seed.EventLog._meta.db_table
        insert = f"INSERT INTO {table} (event_type, payload, processed, created_at, delete_at) "
        now = timezone.now()
        values: list[Any] = ["writer", "{}", False, now, now + timedelta(days=1)]
        with other.cursor() as cursor:
            while not stopped.wait(0.005):
                taken.append(
                    milliseconds(lambda: cursor.execute(f"{insert} VALUES (%s, %s, %s, %s, %s)", values))
                )
        other.close()

    writer = threading.Thread(target=write, daemon=True)
    writer.start()
    try:
        yield taken
    finally:
        stopped.set()
        writer.join()


def _percentile(taken: list[float]) -> float:
    return quantiles(taken, n=20, method="inclusive")[18]
