"""Inbox: first page and unread count of a person with many items, in a small table and in a large one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from statistics import median
from typing import Any

from django.db import connection
from notifications.models import Notification

from benchmarks import world
from benchmarks.bench import Bench, load, milliseconds, tidy
from benchmarks.figures.base import Figure
from benchmarks.peers import hq
from benchmarks.project.events import SEEN, payload
from benchmarks.project.models import Person
from benchmarks.results import OURS, Goal, Result
from benchmarks.rows import fan_out_models, multiply
from clarion.inbox.listing import Listing, State
from clarion.inbox.service import NotificationService
from clarion.models import AppNotification

SMALL = "ours, small table"
RAW = "raw SQL"
PAGE = 20
CALLS = 200
UNREAD = Listing(State.UNREAD)
Work = Callable[[], object]


class Inbox(Figure):
    """One reader has everything in the small table; another has as much, spread over the large one."""

    name = "inbox"
    rounds = 5

    def measure(self, bench: Bench) -> Iterator[Result]:
        """See base."""
        own, people = bench.size(10_000, 1_000), 100_000
        each = 1_000 if not bench.quick else 100
        rows, theirs = own * each, bench.size(1_000_000, 100_000)
        first, second = people + 1, people + 2
        bench.say("people and the small table")
        world.migrate()
        world.add_people(second)
        world.keep_mail()
        unread = {"is_read": "s.n % 10 <> 0"}
        world.tell(first, first, SEEN)
        multiply(fan_out_models(), own - 1, 1, reader=first, instead={"person_id": str(first), **unread})
        tidy(*(model._meta.db_table for model in fan_out_models()))
        small = {what: bench.take_turns({SMALL: call}) for what, call in _calls(_ours(first)).items()}

        bench.say(f"{rows:,} rows")
        event = world.tell(1, each, SEEN)
        multiply(fan_out_models(), own, people, event=event, reader=second, instead=unread)
        tidy(*(model._meta.db_table for model in fan_out_models()))
        bench.say(f"{theirs:,} rows: {hq.NAME}")
        hq.fan_out(payload(1, theirs // own))
        multiply(hq.MODELS, own, people, reader=second, instead={"unread": "s.n % 10 = 0"})
        tidy(*(model._meta.db_table for model in hq.MODELS))

        contenders = {OURS: _ours(second), hq.NAME: _theirs(second), RAW: _raw(second)}
        for what, title in (("page", "First page of unread items"), ("count", "Unread count")):
            result = Result(
                name=f"inbox-{what}",
                title=f"{title}, {rows:,} rows, a person with {own:,} of them",
                database=bench.database,
                unit="ms",
                peer=hq.NAME,
                limit=RAW,
                goals=(
                    Goal(SMALL, 1.5, at_least=False),
                    Goal(hq.NAME, 1, at_least=False),
                    *((Goal(RAW, 3, at_least=False),) if what == "count" else ()),
                ),
                load=load(),
            )
            result.samples = bench.take_turns({who: _calls(work)[what] for who, work in contenders.items()})
            result.samples |= small[what]
            result.notes = [
                f"The median of {CALLS} calls. One in ten of the person's items is unread. {PAGE} on a page.",
                f"{SMALL}: {own:,} rows, all of one person, measured before the table was filled.",
                f"{hq.NAME} has {theirs:,} rows.",
            ]
            yield result


def _calls(work: dict[str, Work]) -> dict[str, Callable[[], float]]:
    return {what: _sampled(call) for what, call in work.items()}


def _sampled(call: Work) -> Callable[[], float]:
    def sample() -> float:
        call()
        return median(milliseconds(call) for _ in range(CALLS))

    return sample


def _ours(reader: int) -> dict[str, Work]:
    person, service = Person.objects.get(pk=reader), NotificationService()
    return {
        "page": lambda: service.get_notifications(person, UNREAD, size=PAGE),
        "count": lambda: service.get_unread_count(person),
    }


def _theirs(reader: int) -> dict[str, Work]:
    unread = Notification.objects.filter(recipient=reader).unread
    return {"page": lambda: list(unread()[:PAGE]), "count": lambda: unread().count()}


def _raw(reader: int) -> dict[str, Work]:
    table = AppNotification._meta.db_table
    unread = f"FROM {table} WHERE person_id = {reader} AND NOT is_read AND archived_at IS NULL"
    return {
        "page": lambda: _fetched(f"SELECT * {unread} ORDER BY id DESC LIMIT {PAGE}"),
        "count": lambda: _fetched(f"SELECT count(*) {unread}"),
    }


def _fetched(query: str) -> list[Any]:
    cursor: Any = connection.connection.cursor()
    try:
        return list(cursor.execute(query).fetchall())
    finally:
        cursor.close()
