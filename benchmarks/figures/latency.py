"""Latency: from publish() until the person's row is there, in an idle system with real workers."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from statistics import median

from benchmarks import world
from benchmarks.bench import Bench, load
from benchmarks.figures.base import BOTH, Figure
from benchmarks.peers.seed import flow
from benchmarks.peers.seed import models as seed
from benchmarks.project.events import SEEN, payload
from benchmarks.results import OURS, Goal, Result
from benchmarks.workers import cluster, round_trip, seen, wait_for
from clarion.bus import get_event_bus
from clarion.models import AppNotification, NotifiableEvent

NOOP = "the engine's round trip"
SEED = "the seed's flow"


class Latency(Figure):
    """On one engine."""

    rounds = 3

    def __init__(self, engine: str, title: str) -> None:
        self.engine, self._title = engine, title
        self.name = f"latency-{engine}"
        # The engine is what differs; the database has its say through the other engine already.
        self.databases = BOTH if engine == "q2-orm" else ("postgres",)

    def measure(self, bench: Bench) -> Iterator[Result]:
        """See base."""
        people, events = 100, bench.size(40, 6)
        world.migrate()
        world.add_people(people)
        world.keep_mail()
        flow.install_templates()
        result = Result(
            name=self.name,
            title=f"Published until the row is there, idle, {self._title}",
            database=bench.database,
            unit="ms, median",
            peer=SEED,
            limit=NOOP,
            goals=(Goal(NOOP, 1.3, at_least=False),),
            load=load(),
        )

        def often(once: Callable[[], float]) -> Callable[[], float]:
            return lambda: median(_rested(once) for _ in range(events)) * 1000

        with cluster():
            result.samples = bench.take_turns(
                {OURS: often(visible_after), SEED: often(_seed), NOOP: often(round_trip)}
            )
        result.notes = [
            f"{events} events in each round, with pauses between them. {NOOP} is a task that writes one row.",
            "Two workers, the engine's preset. Django-Q2 asks its broker in the database every 0.2 s.",
        ]
        yield result


def visible_after(event_type: str = SEEN) -> float:
    """Publish an event for one person; return the seconds until it is in their inbox."""
    began = time.perf_counter()
    event = get_event_bus().publish(event_type, payload(1, 1))
    query = (
        f"SELECT 1 FROM {AppNotification._meta.db_table} a "
        f"JOIN {NotifiableEvent._meta.db_table} n ON n.id = a.event_id WHERE n.event_log_id = {event.pk}"
    )
    return wait_for(lambda: seen(query)) - began


def _seed() -> float:
    last = seed.AppNotification.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    began = time.perf_counter()
    flow.publish(payload(1, 1))
    query = f"SELECT 1 FROM {seed.AppNotification._meta.db_table} WHERE id > {last}"
    return wait_for(lambda: seen(query)) - began


def _rested(once: Callable[[], float]) -> float:
    # A pause that differs, so that the workers' own rhythm does not decide.
    time.sleep(random.uniform(0.05, 0.35))
    return once()
