"""A crowd: one event for 100,000 people, told by workers that have little memory, with others behind it.

What is urgent overtakes it, and the pages stay as quick as ever.
"""

from __future__ import annotations

import threading
import time

from django.db import connection
from django.db.models import Max

from chaos.engines import Engine
from chaos.faults.base import ORDER, Fault
from chaos.publisher import Order
from chaos.world import NotStruck, World

CROWD = Order(start=1000, count=1, last=100_000)
ROOM = 256
"""MiB of address space that each process may use beyond what it has when it begins."""

URGENT = Order(start=2000, count=1, event_type="chaos.urgent")

PAGE_TIME = 5
"""Seconds that a page may take. Most of them take none, but the machine is busy."""

NUMBERS = {
    "postgresql": "SELECT n FROM generate_series({first}, {last}) AS n",
    "mysql": "SELECT seq AS n FROM seq_{first}_to_{last}",
    "sqlite": "WITH RECURSIVE s(n) AS "
    "(SELECT {first} UNION ALL SELECT n + 1 FROM s WHERE n < {last}) SELECT n FROM s",
}
"""How a database counts."""


def _is_q2_orm(engine: Engine, database: str) -> bool:
    # What memory a fan-out takes depends on the database's driver, and not on what carries the hint.
    return engine.broker == "django_q.OrmQ"


def _tell_crowd(world: World) -> None:
    gather(CROWD.last)
    world.deadline = 180
    world.begin(CHAOS_MEMORY=str(ROOM))
    world.strike()
    world.publish(CROWD).result()
    world.wait_for(_is_being_told, "the crowd's first batch")
    world.publish(URGENT)
    world.publish(ORDER)
    _read_meanwhile(world)


def _is_being_told() -> bool:
    from clarion.models import RecipientBatch, Status

    batches = RecipientBatch.objects.filter(run__event__event_type=CROWD.event_type)
    return batches.filter(status=Status.DONE).exists() and batches.filter(status=Status.PENDING).exists()


def _read_meanwhile(world: World) -> None:
    """Open the inbox of one of the crowd, again and again until all of it is told."""
    from django.contrib.auth import get_user_model
    from django.test import Client
    from django.urls import reverse

    visitor = Client(headers={"host": "chaos.example"})
    visitor.force_login(get_user_model()._default_manager.get(pk=CROWD.first))
    while _is_being_told():
        began = time.monotonic()
        answer = visitor.get(reverse("clarion:inbox"))
        took = time.monotonic() - began
        world.strikes["inbox opened"] += 1
        if answer.status_code != 200:
            world.complaints.append(f"the inbox answered {answer.status_code}")
        if took > PAGE_TIME:
            world.complaints.append(f"the inbox took {took:.1f} s")
        threading.Event().wait(0.2)


def _urgent_overtook(world: World) -> None:
    from clarion.models import EmailNotification, EventLog, RecipientBatch

    batches = RecipientBatch.objects.filter(run__event__event_type=CROWD.event_type, size__gt=ORDER.last)
    told = batches.aggregate(end=Max("finished_at"))["end"]
    urgent = EventLog.objects.get(event_type=URGENT.event_type)
    if urgent.created_at > told or not world.strikes["inbox opened"]:
        raise NotStruck("the crowd was told before the urgent event came")
    mails = EmailNotification.objects.filter(event__event_log=urgent)
    sent = mails.aggregate(end=Max("finished_at"))["end"]
    if sent > told:
        late = (sent - told).total_seconds()
        world.complaints.append(f"what is urgent ended {late:.1f} s after the crowd")


def gather(count: int) -> None:
    """Add people without addresses until there are so many."""
    from chaos.prepare import PEOPLE

    numbers = NUMBERS[connection.vendor].format(first=PEOPLE + 1, last=count)
    name = "concat('person-', n)" if connection.vendor == "mysql" else "'person-' || n"
    false, true = ("false", "true") if connection.vendor == "postgresql" else ("0", "1")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO auth_user (id, username, first_name, last_name, email, password, is_staff,"
            " is_superuser, is_active, date_joined)"
            f" SELECT n, {name}, '', '', '', '', {false}, {false}, {true}, CURRENT_TIMESTAMP"
            f" FROM ({numbers}) AS numbers"
        )


FAULTS = [Fault("100,000 people and little memory", _tell_crowd, _is_q2_orm, check=_urgent_overtook)]
