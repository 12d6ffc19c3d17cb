"""A crowd: one event for 100,000 people, told by workers that have little memory, with others behind it."""

from __future__ import annotations

from django.db import connection

from chaos.engines import Engine
from chaos.faults.base import ORDER, Fault
from chaos.publisher import Order
from chaos.world import World

CROWD = Order(start=1000, count=1, last=100_000)
ROOM = 256
"""MiB of address space that each process may use beyond what it has when it begins."""

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
    world.publish(ORDER)


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


FAULTS = [Fault("100,000 people and little memory", _tell_crowd, _is_q2_orm)]
