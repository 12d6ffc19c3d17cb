"""CoveringIndex: a partial index that answers without the rows, on every database that has such."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.ddl_references import Statement


class CoveringIndex(models.Index):
    """On SQLite it holds the columns of its condition as well.

    PostgreSQL knows that each row of a partial index meets its condition. SQLite looks that up in the row,
    unless the index has the columns; and takes another index if that has more columns with a known value,
    as which it counts those that are NULL.
    """

    def create_sql(
        self,
        model: type[models.Model],
        schema_editor: BaseDatabaseSchemaEditor,
        using: str = "",
        **kwargs: Any,
    ) -> Statement:
        """Return the statement that makes the index, in the database's own way."""
        if schema_editor.connection.vendor != "sqlite":
            return super().create_sql(model, schema_editor, using, **kwargs)
        children = self.condition.children if self.condition else []
        settled: dict[str, Any] = dict(child for child in children if isinstance(child, tuple))
        nulls = [name for name, value in settled.items() if value is None]
        others = [name for name in settled if name not in nulls]
        first, *rest = self.fields
        full = models.Index(fields=[first, *nulls, *rest, *others], name=self.name, condition=self.condition)
        return full.create_sql(model, schema_editor, using, **kwargs)
