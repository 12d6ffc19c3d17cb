"""Two workers on one fan-out: real processes, which must not stand in one another's way."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator

from benchmarks import world
from benchmarks.bench import Bench, load, tidy
from benchmarks.figures.base import Figure
from benchmarks.project.events import CREATED, payload
from benchmarks.results import OURS, Goal, Result
from benchmarks.workers import cluster, seen, wait_for
from clarion.bus import get_event_bus
from clarion.models import EventLog, HandlerRun, NotifiableEvent, RecipientBatch

ONE = "one worker"
SPIN = "import time; began = time.time(); sum(n * n for n in range(10**7)); print(time.time() - began)"


class TwoWorkers(Figure):
    """On PostgreSQL: SQLite lets one write at a time."""

    name = "two-workers"
    engine = "q2-orm"
    databases = ("postgres",)

    def measure(self, bench: Bench) -> Iterator[Result]:
        """See base."""
        people, rows = bench.size(100_000, 3_000), bench.size(1_000_000, 20_000)
        world.migrate()
        world.add_people(people)
        world.keep_mail()
        bench.say(f"{rows:,} rows")
        with cluster():
            world.fill_ours(rows, people, told_by=through_workers)
        result = Result(
            name=f"two-workers-{people}",
            title=f"Two workers on one event to {people:,} people",
            database=bench.database,
            unit="people/s",
            peer=ONE,
            goals=(Goal(ONE, 1.6),),
            load=load(),
        )

        def with_workers(number: int) -> float:
            with cluster(number):
                return people / through_workers(1, people)

        gains = []
        result.samples = {}
        for turn in range(bench.rounds):
            gains.append(_gain_of_cores())
            for name, number in ((OURS, 2), (ONE, 1))[:: 1 if turn % 2 else -1]:
                bench.say(f"round {turn + 1} of {bench.rounds}: {number} workers")
                tidy(NotifiableEvent._meta.db_table)
                result.samples.setdefault(name, []).append(with_workers(number))
        given = ", ".join(f"{gain:.2f}" for gain in gains)
        result.notes = [
            f"What two processes of plain Python got done beside one, before each round: {given} as much.",
            "The database works on the same cores.",
        ]
        yield result


def through_workers(first: int, last: int, event_type: str = CREATED) -> float:
    """Publish an event, and return the seconds until its last row is there."""
    began = time.perf_counter()
    event = get_event_bus().publish(event_type, payload(first, last))
    batches, runs = RecipientBatch._meta.db_table, HandlerRun._meta.db_table
    done = f"SELECT 1 FROM {EventLog._meta.db_table} WHERE id = {event.pk} AND status = 'done'"
    left = (
        f"SELECT 1 FROM {batches} WHERE status IN ('pending', 'running', 'failed') "
        f"AND run_id IN (SELECT id FROM {runs} WHERE event_id = {event.pk}) LIMIT 1"
    )
    took = wait_for(lambda: seen(done) and not seen(left), 0.02) - began
    count = NotifiableEvent.objects.filter(event_log=event.pk, status="done").count()
    if count != last - first + 1:
        raise RuntimeError(f"{count} were told")
    return took


def _gain_of_cores() -> float:
    """Return how much more two processes get done in the same time than one, in Python alone."""
    return 2 * _spin(1) / _spin(2)


def _spin(processes: int) -> float:
    """Return the seconds that so many processes at once need for the same work each."""
    started = [
        subprocess.Popen([sys.executable, "-c", SPIN], stdout=subprocess.PIPE, text=True)
        for _ in range(processes)
    ]
    return max(float(process.communicate()[0]) for process in started)
