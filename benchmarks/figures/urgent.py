"""Urgent: an event that must not wait behind a large fan-out."""

from __future__ import annotations

import time
from collections.abc import Iterator
from statistics import quantiles

from benchmarks import world
from benchmarks.bench import Bench, load
from benchmarks.figures.base import Figure
from benchmarks.figures.latency import visible_after
from benchmarks.project.events import CREATED, HAS_URGENT, URGENT, payload
from benchmarks.results import OURS, Goal, Result
from benchmarks.workers import cluster, seen, wait_for
from clarion.bus import get_event_bus
from clarion.models import EventLog, NotifiableEvent

IDLE = "idle"


class Urgent(Figure):
    """With real workers."""

    name = "urgent"
    engine = "q2-orm"

    def absence(self) -> str:
        """See base."""
        return "" if HAS_URGENT else "event types cannot be urgent yet"

    def measure(self, bench: Bench) -> Iterator[Result]:
        """See base."""
        people, events = bench.size(100_000, 5_000), bench.size(20, 5)
        world.migrate()
        world.add_people(people)
        world.keep_mail()
        result = Result(
            name=f"urgent-{people}",
            title=f"An urgent event behind one to {people:,} people, until it is in the inbox",
            database=bench.database,
            unit="ms, 95th percentile",
            limit=IDLE,
            goals=(Goal(IDLE, 3, at_least=False),),
            load=load(),
        )

        def behind() -> float:
            large = get_event_bus().publish(CREATED, payload(1, people))
            told = NotifiableEvent._meta.db_table
            wait_for(lambda: seen(f"SELECT 1 FROM {told} WHERE event_log_id = {large.pk} LIMIT 1"), 0.02)
            percentile = _often(events)
            done = f"SELECT 1 FROM {EventLog._meta.db_table} WHERE id = {large.pk} AND status = 'done'"
            left = f"status IN ('pending', 'running', 'failed') AND event_log_id = {large.pk} LIMIT 1"
            wait_for(lambda: seen(done) and not seen(f"SELECT 1 FROM {told} WHERE {left}"), 0.05)
            return percentile

        with cluster():
            result.samples = bench.take_turns({OURS: behind, IDLE: lambda: _often(events)})
        result.notes = [f"{events} urgent events in each round, a quarter of a second apart; two workers."]
        yield result


def _often(events: int) -> float:
    taken = []
    for _ in range(events):
        time.sleep(0.25)
        taken.append(visible_after(URGENT) * 1000)
    return quantiles(taken, n=20, method="inclusive")[18]
