"""Fan-out: one event to many people, until every row is committed. One worker."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from django.db import connection

from benchmarks import world
from benchmarks.bench import Bench, load, per_second, seconds
from benchmarks.figures.base import Figure
from benchmarks.peers import hq, vintasend
from benchmarks.peers.seed import flow
from benchmarks.profile import as_table, profiled
from benchmarks.project.events import CREATED, MESSAGE, TITLE, payload
from benchmarks.results import OURS, Goal, Result
from benchmarks.rows import Copy, fan_out_models, highest
from clarion.models import AppNotification, EmailNotification, EventLog, NotifiableEvent

RAW = "raw SQL"
SEED = "the seed's flow"
SEED_RAW = "raw SQL, the seed's tables"


class FanOut(Figure):
    """Into tables that are full already."""

    name = "fan-out"

    def measure(self, bench: Bench) -> Iterator[Result]:
        """See base."""
        sizes = [bench.size(10_000, 1_000), bench.size(100_000, 5_000)]
        rows = bench.size(1_000_000, 20_000)
        world.prepare(bench, rows=rows, people=max(sizes))
        for name, contender in _contenders(100, 20).items():
            bench.say(f"warming up: {name}")
            contender()
        for people in sizes:
            result = Result(
                name=f"fan-out-{people}",
                title=f"One event to {people:,} people, into tables of {rows:,} rows",
                database=bench.database,
                unit="people/s",
                peer=hq.NAME,
                limit=RAW,
                goals=_goals(bench.database),
                load=load(),
            )
            few = min(people, bench.size(500, 100))
            result.samples = bench.take_turns(_contenders(people, few))
            result.notes = [
                f"{SEED} and {vintasend.NAME} cost the same for each person: measured with {few:,} people.",
                f"{hq.NAME} writes one row for each person, the inbox item; {vintasend.NAME} one, the mail.",
            ]
            if people == max(sizes):
                bench.say("profile")
                result.detail = _profile(people // 10)
            yield result


class Ours:
    """Clarion, and the limit: what it wrote last, written again."""

    def __init__(self) -> None:
        self.event = 0

    def tell(self, people: int) -> float:
        """Tell people; see that all is there."""
        took = seconds(lambda: setattr(self, "event", world.tell(1, people)))
        check(self.event, people)
        return people / took

    def write(self, people: int) -> float:
        """Write the same rows again."""
        copy = Copy(fan_out_models(), EventLog, self.event)
        rate = per_second(people, copy.write)
        copy.done()
        return rate


def check(event: int, people: int) -> None:
    """See that everybody was told, in both ways.

    Raises:
        RuntimeError: some were not; the figure would be worth nothing.
    """
    told = NotifiableEvent.objects.filter(event_log=event)
    counts = [
        told.count(),
        AppNotification.objects.filter(event__in=told).count(),
        EmailNotification.objects.filter(event__in=told).count(),
    ]
    if counts != [people] * 3:
        raise RuntimeError(f"told, in the inbox, by mail: {counts}, not {people} each")


def _contenders(people: int, few: int) -> dict[str, Callable[[], float]]:
    ours = Ours()
    everybody, some = payload(1, people), payload(1, few)
    found: dict[str, Callable[[], float]] = {
        OURS: partial(ours.tell, people),
        RAW: partial(ours.write, people),
        hq.NAME: lambda: per_second(people, lambda: hq.fan_out(everybody)),
        SEED: lambda: per_second(few, partial(_be_the_seed, some)),
        vintasend.NAME: lambda: per_second(few, lambda: vintasend.fan_out(some)),
    }
    if connection.vendor == "postgresql":
        found[SEED_RAW] = partial(_fill_seed, people)
    return found


def _be_the_seed(values: dict[str, Any]) -> None:
    flow.publish(values)
    flow.work()


def _fill_seed(people: int) -> float:
    """Write the seed's three rows for each person as the database alone does it fastest."""
    _, told, app, mail = world.SEED_MODELS
    first = highest(told) + 1
    texts = {"name": "A lamp", "url": "/products/1/"}
    title, message = TITLE.format(**texts), MESSAGE.format(**texts)
    now = "now(), now() + interval '72 hours'"
    rows = f"FROM generate_series(1, {people}) AS s(n)"
    columns = "id, event_type, person_id, params, created_at, delete_at"
    values = f"{first} + n, '{CREATED}', n, '{json.dumps(payload(1, people))}', {now}"
    statements = [f"INSERT INTO {told._meta.db_table} ({columns}) SELECT {values} {rows}"]
    for model, body, flag, value in (
        (app, "message", "is_read", "false"),
        (mail, "body", "sent_at", "now()"),
    ):
        columns = f"event_id, title, {body}, {flag}, created_at, delete_at"
        values = f"{first} + n, '{title}', '{message}', {value}, {now}"
        statements.append(f"INSERT INTO {model._meta.db_table} ({columns}) SELECT {values} {rows}")

    def write() -> None:
        with connection.connection.transaction(), connection.connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    rate = per_second(people, write)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT setval('{told._meta.db_table}_id_seq', {highest(told)})")
    return rate


def _goals(database: str) -> tuple[Goal, ...]:
    if database == "sqlite":
        return (Goal(RAW, 0.6),)
    return (Goal(RAW, 0.7), Goal(SEED, 100), Goal(hq.NAME, 10), Goal(SEED_RAW, 1))


def _profile(people: int) -> str:
    with profiled() as seen:
        took = seconds(lambda: world.tell(1, people))
    return f"Where the time of {people:,} people goes:\n\n{as_table(seen, people, took)}"
