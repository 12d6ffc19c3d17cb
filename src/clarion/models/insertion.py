"""Insertion of many rows at once, where rows that exist already stay as they are."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TypeVar

from django.db import connections, models, router
from django.db.models.expressions import DatabaseDefault

M = TypeVar("M", bound=models.Model)


def insert_missing(model: type[M], rows: Sequence[M]) -> None:
    """Insert rows in one statement however many there are, skipping those that break a unique constraint."""
    alias = router.db_for_write(model)
    if not rows:
        return
    if connections[alias].vendor == "sqlite":
        _insert_as_json(model, rows, alias)
    else:
        model._default_manager.using(alias).bulk_create(rows, ignore_conflicts=True)


def _insert_as_json(model: type[M], rows: Sequence[M], alias: str) -> None:
    # bulk_create would need a statement for every 999 values; one JSON array is one value.
    connection = connections[alias]
    quote = connection.ops.quote_name
    fields = [
        field
        for field in model._meta.local_concrete_fields
        if not field.primary_key and not isinstance(getattr(rows[0], field.attname), DatabaseDefault)
    ]
    values = [
        [field.get_db_prep_save(field.pre_save(row, add=True), connection) for field in fields]
        for row in rows
    ]
    columns = ", ".join(quote(str(field.column)) for field in fields)
    picks = ", ".join(f"json_extract(value, '$[{position}]')" for position in range(len(fields)))
    table = quote(model._meta.db_table)
    insert = f"INSERT OR IGNORE INTO {table} ({columns}) SELECT {picks} FROM json_each(%s)"
    with connection.cursor() as cursor:
        cursor.execute(insert, [json.dumps(values, default=str, ensure_ascii=False)])
