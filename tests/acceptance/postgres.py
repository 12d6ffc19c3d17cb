"""The PostgreSQL server of the tests, outside any of its test databases."""

from __future__ import annotations

import os

import psycopg


def on_postgres(statement: str) -> None:
    """Run a statement that creates or drops a database."""
    with psycopg.connect(
        host=os.environ.get("PGHOST", "127.0.0.1"),
        port=os.environ.get("PGPORT", "5432"),
        user=os.environ.get("PGUSER", "postgres"),
        password=os.environ.get("PGPASSWORD", ""),
        dbname="postgres",
        autocommit=True,
    ) as connection:
        connection.execute(statement.encode())
