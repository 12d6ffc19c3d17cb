"""The brokers that tests need, and how to be without them."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from django.db import connection

RABBITMQ = os.environ.get("RABBITMQ_URL", "amqp://guest:guest@127.0.0.1:5672//")
REDIS = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")
NOWHERE = "127.0.0.1:1"
"""Where nothing listens."""


def need(url: str) -> None:
    """Skip the test, and say so, if nobody answers at this address; with CI=true, fail."""
    place = urlsplit(url)
    try:
        socket.create_connection((str(place.hostname), place.port or 0), timeout=5).close()
    except OSError as error:
        reason = f"** NOT tested: {place.scheme} does not answer on {place.hostname}:{place.port}: {error} **"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)


@contextmanager
def silent_server() -> Iterator[str]:
    """A server that takes connections and never says a word; yields its host and port."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


@contextmanager
def table_away(name: str) -> Iterator[None]:
    """A database without this one table: a broker in the database that is away."""
    quoted, away = connection.ops.quote_name(name), connection.ops.quote_name(f"{name}_away")
    _execute(f"ALTER TABLE {quoted} RENAME TO {away}")
    try:
        yield
    finally:
        _execute(f"ALTER TABLE {away} RENAME TO {quoted}")


def _execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
