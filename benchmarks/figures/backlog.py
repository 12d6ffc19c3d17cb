"""Backlog: small events, published while no worker was there. Is the engine's cost per task the limit?"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from django.conf import settings
from django_q.brokers import get_broker
from django_q.models import OrmQ
from django_q.tasks import async_task

from benchmarks import world
from benchmarks.bench import Bench, load
from benchmarks.figures.base import BOTH, Figure
from benchmarks.peers.seed import flow
from benchmarks.peers.seed import models as seed
from benchmarks.project.events import SEEN, payload
from benchmarks.results import OURS, Goal, Result
from benchmarks.workers import cluster, noop, wait_for
from clarion.bus import get_event_bus
from clarion.models import EventLog

NOOP = "no-op tasks"
SEED = "the seed's flow"
PAUSE = 0.02
"""Seconds between two looks."""


class Backlog(Figure):
    """On one engine, with two workers."""

    rounds = 3

    def __init__(self, engine: str, title: str) -> None:
        self.engine, self._title = engine, title
        self.name = f"backlog-{engine}"
        self.databases = BOTH if engine == "q2-orm" else ("postgres",)

    def measure(self, bench: Bench) -> Iterator[Result]:
        """See base."""
        events, people = bench.size(3_000, 300), 1_000
        world.migrate()
        world.add_people(people)
        world.keep_mail()
        flow.install_templates()
        result = Result(
            name=self.name,
            title=f"Events for one person each, in backlog, {self._title}",
            database=bench.database,
            unit="events/s",
            peer=SEED,
            limit=NOOP,
            goals=(Goal(NOOP, 2),),
            load=load(),
        )

        def publish(number: int) -> None:
            person = number % people + 1
            get_event_bus().publish(SEEN, payload(person, person))

        def publish_by_seed(number: int) -> None:
            person = number % people + 1
            flow.publish(payload(person, person))

        few, told = max(events // 4, 50), seed.AppNotification.objects.count
        result.samples = bench.take_turns(
            {
                OURS: lambda: _rate(publish, events, _done, _always),
                SEED: lambda: _rate(publish_by_seed, few, told, _is_empty),
                NOOP: lambda: _rate(lambda _: async_task(noop), events, None, _is_empty),
            }
        )
        result.notes = [
            "From the first that is done to the last, so without the start of the workers.",
            f"{events:,} events, told in the app; {few:,} of {SEED}, which writes the mail too.",
        ]
        yield result


def _rate(
    enqueue: Callable[[int], object],
    number: int,
    done: Callable[[], int] | None,
    at_rest: Callable[[], bool],
) -> float:
    """Queue work without workers, start them, and return how much a second they do."""
    before = done() if done else 0

    def count() -> int:
        return done() - before if done else number - _queued()

    for each in range(number):
        enqueue(each)
    with cluster(rested=False):
        begun = wait_for(lambda: count() > 0, PAUSE)
        early = count()
        ended = wait_for(lambda: count() >= number and at_rest(), PAUSE)
        return (number - early) / (ended - begun)


def _done() -> int:
    return EventLog.objects.filter(status="done").count()


def _always() -> bool:
    return True


def _queued() -> int:
    """Return how many tasks wait, or are at work where the broker knows."""
    if settings.Q_CLUSTER["orm"]:
        return int(OrmQ.objects.count())
    return int(get_broker().queue_size())


def _is_empty() -> bool:
    return _queued() == 0
