"""The database: connections terminated, a writer that holds the only lock."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing

from chaos.databases import DATABASES
from chaos.engines import Engine
from chaos.faults.base import Fault
from chaos.publisher import Order
from chaos.world import World

ORDER = Order(start=1, count=40, pause=0.05)
STRIKES = 4


def _is_server(engine: Engine, database: str) -> bool:
    return database != "sqlite"


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
        world.strike(window=3)
        database.terminate(world.environment["CHAOS_DATABASE_NAME"], spare)


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
    Fault("database connections terminated", _terminate, _is_server, quick=True),
    Fault("SQLite's writer held for 2.5 s", _hold_writer, _is_sqlite, quick=True),
]
