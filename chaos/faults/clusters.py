"""Two clusters, which believe they are on two hosts, share one database and one broker."""

from __future__ import annotations

import os
import shutil
import threading

from chaos.engines import Engine
from chaos.faults.base import Fault
from chaos.processes import kill_group
from chaos.publisher import Order
from chaos.world import NotStruck, World

HOSTS = ("north", "south")
ORDER = Order(start=1, count=60)


def _has_hosts(engine: Engine, database: str) -> bool:
    return (
        bool(engine.workers) and database != "sqlite" and os.geteuid() == 0 and bool(shutil.which("unshare"))
    )


def _share(world: World) -> None:
    world.sink.open()
    world.strike()
    for host in HOSTS:
        world.start_workers(host)
        world.start_relay()
    world.publish(ORDER)


def _lose_one(world: World) -> None:
    world.sink.open()
    south = [world.start_workers(host) for host in HOSTS][1]
    world.start_relay()
    world.publish(ORDER)
    world.wait_for(lambda: len(world.sink.ledger) >= 10, "the first mails")
    world.strike(window=2)
    for _ in range(3):
        kill_group(south.group)
        threading.Event().wait(0.2)


def _both_worked(world: World) -> None:
    from chaos.project.models import Effect

    hosts = set(Effect.objects.values_list("host", flat=True))
    if hosts != set(HOSTS):
        raise NotStruck(f"only {', '.join(hosts)} did any work")


FAULTS = [
    Fault("two clusters at work", _share, _has_hosts, check=_both_worked),
    Fault("two clusters, one killed", _lose_one, _has_hosts),
]
