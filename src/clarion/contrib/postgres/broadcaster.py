"""PostgreSQL as broadcaster: NOTIFY in the transaction that writes, LISTEN once in each process."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from typing import Any

import psycopg
from django.core.checks import CheckMessage, Error
from django.db import DEFAULT_DB_ALIAS, connections, router

from clarion.exceptions import BroadcasterUnavailable
from clarion.models import AppNotification
from clarion.realtime.broadcaster import ALIVE, EVERYONE, Broadcaster, Keys, keys_in, messages_of

CHANNEL = "clarion"

LIMIT = 7999
"""Bytes that PostgreSQL carries in one notification."""

DJANGOS_OWN = ("context", "cursor_factory", "prepare_threshold")
"""Parameters by which Django makes its connections its own."""


class PostgresBroadcaster(Broadcaster):
    """Announcements are part of the transaction, so none is lost and none comes too early."""

    def __init__(self, database: str = DEFAULT_DB_ALIAS) -> None:
        """Listen on this database of DATABASES: one that is reached directly, not through a pool."""
        self._database = database

    def announce(self, keys: Sequence[str]) -> None:
        """Notify in one statement, however many notifications it takes."""
        with connections[router.db_for_write(AppNotification)].cursor() as cursor:
            cursor.execute(
                "SELECT pg_notify(%s, message) FROM unnest(%s::text[]) AS message",
                [CHANNEL, list(messages_of(keys, LIMIT))],
            )

    async def subscribe(self) -> AsyncGenerator[Keys | None]:
        """Yield announcements from a connection of its own."""
        try:
            async with await psycopg.AsyncConnection.connect(**self._parameters()) as connection:
                await connection.execute(f"LISTEN {CHANNEL}")
                yield EVERYONE
                while True:
                    async for notification in connection.notifies(timeout=ALIVE):
                        yield keys_in(notification.payload)
                    await connection.execute("SELECT 1")  # fails if the connection is dead
        except psycopg.Error as error:
            raise BroadcasterUnavailable(f"{type(error).__name__} from PostgreSQL") from error

    def check(self) -> list[CheckMessage]:
        """Refuse other databases."""
        aliases = {self._database, router.db_for_write(AppNotification)}
        if all(alias in connections and connections[alias].vendor == "postgresql" for alias in aliases):
            return []
        hint = "Use PostgreSQL, or set CLARION['REALTIME'] to another backend, or leave it out to poll."
        text = f"CLARION['REALTIME'] needs PostgreSQL on: {', '.join(sorted(aliases))}."
        return [Error(text, hint=hint, id="clarion.E401")]

    def _parameters(self) -> dict[str, Any]:
        parameters = connections[self._database].get_connection_params()
        # Keepalives: an idle connection would otherwise outlive a firewall's patience and not know.
        ours = {"autocommit": True, "application_name": "clarion-listen", "keepalives_idle": 30}
        return {key: value for key, value in parameters.items() if key not in DJANGOS_OWN} | ours
