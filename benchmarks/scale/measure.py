"""Measure: the costs of events on this machine, in the database that Django is set up with. PostgreSQL."""

from __future__ import annotations

import time
from statistics import median

from django.apps import apps
from django.db import connection
from django.test import override_settings

from benchmarks import world
from benchmarks.project.engine import work
from benchmarks.project.events import CREATED, payload
from benchmarks.scale.model import Costs, fitted
from benchmarks.sink import sink
from clarion.bus import get_event_bus
from clarion.models import ChannelPause, EmailNotification, NotifiableEvent, Status

EVENTS = {1: 60, 10: 30, 100: 12, 1_000: 4, 5_000: 2}
"""How many events the lines are fitted to, by how many people each is for."""

CHECK = 20_000
"""People of the event that checks the lines, to which they are not fitted."""

MAILS = 1_000
TOGETHER = 500


def measured() -> tuple[Costs, dict[str, tuple[float, float]]]:
    """Return the costs; and of an event of another size what they foretell, and what it was."""
    world.migrate()
    world.add_people(CHECK)
    world.keep_mail()
    _cost_of(100)
    by_size = {people: _mean(people, events) for people, events in EVENTS.items()}
    seconds, log, stored = (
        fitted({people: costs[kind] for people, costs in by_size.items()}) for kind in range(3)
    )
    found = _cost_of(CHECK)
    check = {
        name: (line.at(CHECK), was)
        for name, line, was in zip(Costs._fields, (seconds, log, stored), found, strict=False)
    }
    return Costs(seconds, log, stored, _seconds_together(), _seconds_a_mail()), check


def _mean(people: int, events: int) -> tuple[float, float, float]:
    costs = [_cost_of(people) for _ in range(events)]
    # Pages fill up now and then: what is stored is a mean, what took time a median.
    return (
        median(seconds for seconds, _, _ in costs),
        median(log for _, log, _ in costs),
        max(sum(stored for _, _, stored in costs) / events, 1.0),
    )


def _cost_of(people: int) -> tuple[float, float, float]:
    log, stored = _log(), _stored()
    began = time.perf_counter()
    get_event_bus().publish(CREATED, payload(1, people))
    work()
    return time.perf_counter() - began, _log() - log, _stored() - stored


def _seconds_together() -> float:
    for _ in range(TOGETHER):
        get_event_bus().publish(CREATED, payload(1, 1))
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) / TOGETHER


def _seconds_a_mail() -> float:
    get_event_bus().publish(CREATED, payload(1, MAILS))
    work()
    with sink() as port, override_settings(EMAIL_PORT=port):
        older = EmailNotification.objects.exclude(event__in=_newest(MAILS))
        older.update(status=Status.SENT, due_at=None)
        ChannelPause.objects.all().delete()
        began = time.perf_counter()
        get_event_bus().enqueue_task("work", {"event_id": 0}, CREATED)
        work()
        return (time.perf_counter() - began) / MAILS


def _newest(people: int) -> list[int]:
    return list(NotifiableEvent.objects.order_by("-pk").values_list("pk", flat=True)[:people])


def _log() -> float:
    return _number("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')")


def _stored() -> float:
    tables = [model._meta.db_table for model in apps.get_app_config("clarion").get_models()]
    return _number(f"SELECT {' + '.join(f'pg_total_relation_size({t!r})' for t in tables)}")


def _number(query: str) -> float:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return float(cursor.fetchone()[0])
