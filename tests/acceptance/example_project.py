"""The example project as a user runs it: processes, a var folder and a database of its own."""

from __future__ import annotations

import os
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

EXAMPLE = Path(__file__).parents[2] / "example"
DEMO = [sys.executable, str(EXAMPLE / "demo.py")]
MANAGE = [sys.executable, str(EXAMPLE / "manage.py")]


@contextmanager
def example_environment(var: Path) -> Iterator[dict[str, str]]:
    """Yield the environment for its processes; on PostgreSQL their database is dropped afterwards."""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "CLARION_EXAMPLE_VAR": str(var),
    }
    if os.environ.get("CLARION_TEST_DB") != "postgres":
        yield environment
        return
    name = f"clarion_example_{uuid.uuid4().hex[:12]}"
    _on_postgres(f"CREATE DATABASE {name}")
    try:
        yield {**environment, "CLARION_EXAMPLE_DATABASE": name}
    finally:
        _on_postgres(f"DROP DATABASE {name} WITH (FORCE)")


def _on_postgres(statement: str) -> None:
    import psycopg

    with psycopg.connect(
        host=os.environ.get("PGHOST", "127.0.0.1"),
        user=os.environ.get("PGUSER", "postgres"),
        dbname="postgres",
        autocommit=True,
    ) as connection:
        connection.execute(statement.encode())
