"""The database: connections cut, its server stopped, its disk full, a writer that holds the only lock."""

from __future__ import annotations

import signal
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from functools import partial

from chaos.databases import DATABASES
from chaos.engines import Engine
from chaos.faults.base import Fault, is_server, needs_root
from chaos.publisher import Order
from chaos.servers import Server
from chaos.world import World

ORDER = Order(start=1, count=40, pause=0.05)
STRIKES = 4


def _is_sqlite(engine: Engine, database: str) -> bool:
    return database == "sqlite"


def own_connection() -> int:
    """Return this process's connection, as the server numbers it; 0 where there is no server."""
    from django.db import connection

    queries = {"postgresql": "SELECT pg_backend_pid()", "mysql": "SELECT connection_id()"}
    if connection.vendor not in queries:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(queries[connection.vendor])
        return int(cursor.fetchone()[0])


def _terminate(world: World) -> None:
    spare = own_connection()
    database = DATABASES[world.environment["CHAOS_DATABASE"]]
    world.begin()
    world.publish(ORDER)
    for _ in range(STRIKES):
        threading.Event().wait(0.7)
        # Two workers and a relay may each be sending a mail whose outcome they can no longer write.
        with world.striking(window=3):
            database.terminate(world.environment["CHAOS_DATABASE_NAME"], spare)


def _restart(how: Callable[[Server], int], world: World) -> None:
    server = world.ground.server
    assert server
    world.begin()
    world.publish(ORDER)
    for _ in range(2):
        threading.Event().wait(1.2)
        # Two workers and a relay may each be sending a mail whose outcome they can no longer write.
        with world.striking(window=3):
            server.stop(how(server))
            threading.Event().wait(0.5)
            server.start()


def _in_order(server: Server) -> int:
    return server.orderly


def _in_a_crash(_: Server) -> int:
    return signal.SIGKILL


def _fill_disk(world: World) -> None:
    """Fill the disk in mid-flight; make room once the health check has said that something is wrong.

    Work that used up its attempts for want of room is dead, and says so. An operator tries it again.
    """
    ground = world.ground
    world.begin()
    world.publish(ORDER)
    world.wait_for(lambda: world.sink.ledger, "the first mail")
    with world.striking(window=3):
        ground.fill_disk()
        world.wait_for(world.health, "the health check to fail")
        ground.clear_disk()
        if ground.server and not ground.server.is_running():
            ground.server.start()
    world.settle()
    _try_again()


def _try_again() -> None:
    from clarion.bus.relay import PIPELINE
    from clarion.bus.revival import retry
    from clarion.models import Status

    for model in PIPELINE:
        retry(model._default_manager.filter(status=Status.DEAD).exclude(error=""))


def _has_disk(engine: Engine, database: str) -> bool:
    # MariaDB waits without an end until there is room, and says so in its own log alone.
    return database != "mariadb"


def _hold_writer(world: World) -> None:
    world.begin()
    world.publish(ORDER)
    with closing(
        sqlite3.connect(world.environment["CHAOS_DATABASE_NAME"], timeout=30, isolation_level=None)
    ) as holder:
        for _ in range(3):
            threading.Event().wait(0.5)
            holder.execute("BEGIN IMMEDIATE")
            world.strike()
            threading.Event().wait(2.5)
            holder.execute("ROLLBACK")


FAULTS = [
    Fault("database connections terminated", _terminate, is_server, quick=True),
    Fault("database server restarted", partial(_restart, _in_order), is_server, server=True),
    Fault("database server killed", partial(_restart, _in_a_crash), is_server, server=True),
    Fault("disk full", _fill_disk, _has_disk, absence=needs_root("mount", "umount"), disk=160),
    Fault("SQLite's writer held for 2.5 s", _hold_writer, _is_sqlite, quick=True),
]
