"""The database's clock, by which work is due, leased and deleted."""

from __future__ import annotations

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import functions
from django.db.models.sql.compiler import SQLCompiler


class Now(functions.Now):  # noqa: TID251  # the one place where it is mended
    """This moment in UTC, on every database.

    Django's own is in the session's time zone on MySQL and MariaDB, where columns hold UTC: hours off in
    most zones, and for an hour each autumn in zones with summer time.
    """

    def as_mysql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any
    ) -> tuple[str, Any]:
        """Return the clock of MySQL and MariaDB, to the microsecond."""
        return self.as_sql(compiler, connection, template="UTC_TIMESTAMP(6)", **context)
