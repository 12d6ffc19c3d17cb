"""ExpiryIndex: how the clean-up finds what is past its time, at next to no cost to those who insert."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.ddl_references import Statement


class ExpiryIndex(models.Index):
    """An index on `delete_at`: on PostgreSQL a BRIN, which is one entry for many neighbouring rows.

    Rows come in the order in which they will go, so a block of them expires together.
    """

    def __init__(self, *, name: str, fields: tuple[str, ...] = ("delete_at",)) -> None:
        super().__init__(name=name, fields=fields)

    def create_sql(
        self,
        model: type[models.Model],
        schema_editor: BaseDatabaseSchemaEditor,
        using: str = "",
        **kwargs: Any,
    ) -> Statement:
        """Return the statement that makes the index, in the database's own way."""
        if schema_editor.connection.vendor == "postgresql":
            using = " USING brin"
        return super().create_sql(model, schema_editor, using, **kwargs)
