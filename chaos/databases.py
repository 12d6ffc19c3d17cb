"""Databases: where they are, how a run gets a fresh one, and how their connections are cut.

Read by the settings too, so nothing here needs Django to be set up.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from abc import ABC, abstractmethod
from contextlib import closing
from pathlib import Path
from typing import Any


class Database(ABC):
    """One kind of database."""

    @abstractmethod
    def settings(self, name: str) -> dict[str, Any]:
        """Return Django's settings for the database of this name."""

    @abstractmethod
    def create(self, name: str, like: str | None = None) -> None:
        """Create an empty database, or a copy of one that nobody uses."""

    @abstractmethod
    def drop(self, name: str) -> None:
        """Remove a database, and whoever is connected to it."""

    @abstractmethod
    def version(self) -> str:
        """Return the server's version."""

    def absence(self) -> str:
        """Return why there is no such database here; "" if there is one."""
        try:
            self.version()
        except Exception as absent:  # noqa: BLE001  # each driver raises exceptions of its own
            return str(absent).strip().splitlines()[0]
        return ""

    def terminate(self, name: str, spare: int) -> int:
        """Cut every connection to the database but `spare`, as its server numbers them; return how many."""
        raise NotImplementedError

    def name_of(self, stem: str, folder: Path) -> str:
        """Return a database's name for a run of this name."""
        return stem


class SQLite(Database):
    """One file, in WAL mode, with writers that wait for one another."""

    def settings(self, name: str) -> dict[str, Any]:
        """See base."""
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": name,
            "OPTIONS": {
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL",
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
            },
        }

    def create(self, name: str, like: str | None = None) -> None:
        """See base."""
        if like:
            shutil.copyfile(like, name)

    def drop(self, name: str) -> None:
        """See base."""
        for path in Path(name).parent.glob(f"{Path(name).name}*"):
            path.unlink()

    def version(self) -> str:
        """See base."""
        return f"SQLite {sqlite3.sqlite_version}"

    def name_of(self, stem: str, folder: Path) -> str:
        """See base."""
        return str(folder / f"{stem}.sqlite3")


class Postgres(Database):
    """A PostgreSQL server, as libpq's variables name it."""

    def settings(self, name: str) -> dict[str, Any]:
        """See base."""
        return {
            "ENGINE": "django.db.backends.postgresql",
            "HOST": os.environ.get("PGHOST", "127.0.0.1"),
            "PORT": os.environ.get("PGPORT", "5432"),
            "USER": os.environ.get("PGUSER", "postgres"),
            "PASSWORD": os.environ.get("PGPASSWORD", ""),
            "NAME": name,
            "CONN_MAX_AGE": 60,
            "OPTIONS": {"connect_timeout": 5},
        }

    def create(self, name: str, like: str | None = None) -> None:
        """See base."""
        self._execute(f"CREATE DATABASE {name}" + (f" TEMPLATE {like}" if like else ""))

    def drop(self, name: str) -> None:
        """See base."""
        self._execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def version(self) -> str:
        """See base."""
        return f"PostgreSQL {self._execute('SHOW server_version')[0][0].split()[0]}"

    def terminate(self, name: str, spare: int) -> int:
        """See base."""
        query = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> %s"
        return len(self._execute(query, (name, spare)))

    def _execute(self, statement: str, values: tuple[Any, ...] = ()) -> list[Any]:
        import psycopg

        place = self.settings("postgres")
        with psycopg.connect(
            host=place["HOST"],
            port=place["PORT"],
            user=place["USER"],
            password=place["PASSWORD"],
            dbname="postgres",
            autocommit=True,
        ) as connection:
            cursor = connection.execute(statement.encode(), values)
            return cursor.fetchall() if cursor.description else []


class MariaDB(Database):
    """A MariaDB server, reached through PyMySQL."""

    def settings(self, name: str) -> dict[str, Any]:
        """See base."""
        import pymysql

        pymysql.install_as_MySQLdb()
        return {
            "ENGINE": "django.db.backends.mysql",
            "HOST": os.environ.get("MYSQL_HOST", "127.0.0.1"),
            "PORT": os.environ.get("MYSQL_PORT", "3306"),
            "USER": os.environ.get("MYSQL_USER", "root"),
            "PASSWORD": os.environ.get("MYSQL_PASSWORD", ""),
            "NAME": name,
            "CONN_MAX_AGE": 60,
            "OPTIONS": {"charset": "utf8mb4", "connect_timeout": 5, "init_command": _zone_of_session()},
        }

    def create(self, name: str, like: str | None = None) -> None:
        """See base."""
        self._execute([f"CREATE DATABASE `{name}` CHARACTER SET utf8mb4"])
        if not like:
            return
        tables = [row[0] for row in self._execute(["SHOW TABLES"], like)]
        made = [self._execute([f"SHOW CREATE TABLE `{table}`"], like)[0][1] for table in tables]
        copied = [f"INSERT INTO `{table}` SELECT * FROM `{like}`.`{table}`" for table in tables]
        self._execute(["SET foreign_key_checks = 0", *made, *copied], name)

    def drop(self, name: str) -> None:
        """See base."""
        self.terminate(name, 0)
        self._execute([f"DROP DATABASE IF EXISTS `{name}`"])

    def version(self) -> str:
        """See base."""
        return f"MariaDB {self._execute(['SELECT version()'])[0][0].partition('-')[0]}"

    def terminate(self, name: str, spare: int) -> int:
        """See base."""
        import pymysql

        query = f"SELECT id FROM information_schema.processlist WHERE db = '{name}' AND id <> {spare}"
        found = self._execute([query])
        cut = 0
        for (thread,) in found:
            try:
                self._execute([f"KILL {thread}"])
            except pymysql.err.OperationalError:  # it has gone by itself meanwhile
                continue
            cut += 1
        return cut

    def _execute(self, statements: list[str], name: str | None = None) -> list[Any]:
        import pymysql

        place = self.settings("")
        connection = pymysql.connect(
            host=place["HOST"],
            port=int(place["PORT"]),
            user=place["USER"],
            password=place["PASSWORD"],
            database=name,
            charset="utf8mb4",
            autocommit=True,
        )
        with closing(connection), connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            return list(cursor.fetchall())


def _zone_of_session() -> str:
    """Return the statement that puts a session into the zone of CHAOS_ZONE_AT, if there is one."""
    if not (at := os.environ.get("CHAOS_ZONE_AT")):
        return "DO 0"
    zones = ("+01:00", "+02:00") if os.environ["CHAOS_ZONE_FORWARD"] == "1" else ("+02:00", "+01:00")
    return f"SET time_zone = IF(UNIX_TIMESTAMP() < {at}, '{zones[0]}', '{zones[1]}')"


DATABASES: dict[str, Database] = {"sqlite": SQLite(), "postgres": Postgres(), "mariadb": MariaDB()}
