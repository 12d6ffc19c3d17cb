"""Clocks: one is an hour wrong, or all jump with summer time. Leases are on the database's."""

from __future__ import annotations

import time
from functools import partial

from chaos.databases import DATABASES
from chaos.engines import Engine
from chaos.faults.base import Fault, has_workers
from chaos.faults.database import own_connection
from chaos.publisher import Order
from chaos.world import World

ORDER = Order(start=1, count=60, pause=0.05)


def _is_another_machine_s(engine: Engine, database: str) -> bool:
    return bool(engine.workers) and database != "sqlite"


def _skew(hours: int, world: World) -> None:
    world.begin()
    world.start_workers(CHAOS_CLOCK=str(hours * 3600))
    world.strike()
    world.publish(ORDER)


def _change_summer_time(forward: bool, world: World) -> None:
    """Every process and the database's sessions are in a zone that changes in mid-flight."""
    at = int(time.time()) + 4
    zone = _zone(at, forward=forward)
    world.begin(CHAOS_ZONE=zone, CHAOS_ZONE_AT=str(at), CHAOS_ZONE_FORWARD=str(int(forward)))
    world.publish(ORDER)
    time.sleep(at - time.time())
    world.strike()
    if world.environment["CHAOS_DATABASE"] != "sqlite":
        # So that each session asks again what time it is.
        database, spare = DATABASES[world.environment["CHAOS_DATABASE"]], own_connection()
        with world.striking(window=3):
            database.terminate(world.environment["CHAOS_DATABASE_NAME"], spare)


def _zone(at: int, *, forward: bool) -> str:
    """Return a zone, as POSIX writes it: an hour east of Greenwich, two in summer; it changes at `at`."""
    change, other = time.gmtime(at + (3600 if forward else 7200)), time.gmtime(at + 150 * 86400)
    begin, end = (change, other) if forward else (other, change)
    return f"WINTER-1SUMMER-2,{_rule(begin)},{_rule(end)}"


def _rule(moment: time.struct_time) -> str:
    return f"{moment.tm_yday - 1}/{moment.tm_hour}:{moment.tm_min}:{moment.tm_sec}"


FAULTS = [
    Fault("clock of one worker an hour ahead", partial(_skew, 1), _is_another_machine_s),
    Fault("clock of one worker an hour behind", partial(_skew, -1), _is_another_machine_s),
    Fault("summer time begins", partial(_change_summer_time, True), has_workers),
    Fault("summer time ends", partial(_change_summer_time, False), has_workers),
]
