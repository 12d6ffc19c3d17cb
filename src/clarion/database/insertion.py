"""Insertion of many rows at once: a value that is alike in all of them travels once."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connections, models, router
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.fields import NOT_PROVIDED

from clarion.database.listed import as_array, prepared

if TYPE_CHECKING:
    Field = models.Field[Any, Any]  # not generic at run time


class Rows(NamedTuple):
    """Rows to be: the fields in which all are alike, and those that may differ, with one value a row."""

    alike: Mapping[str, Any]
    differing: Mapping[str, Sequence[Any]]

    @property
    def size(self) -> int:
        """How many rows these are."""
        return len(next(iter(self.differing.values())))


class _Columns(NamedTuple):
    """The fields of an insert, ready for the database."""

    alike: dict[Field, Any]
    differing: dict[Field, list[Any]]

    @property
    def names(self) -> list[str]:
        return [str(field.column) for field in (*self.alike, *self.differing)]


def insert_missing(
    model: type[models.Model], parts: Iterable[Rows], returning: Sequence[str] = ()
) -> list[tuple[Any, ...]] | None:
    """Insert all parts in one statement, skipping rows that break a unique constraint.

    Args:
        model: whose table it is.
        parts: rows, with their fields by attribute names such as `person_id`; all parts name the same ones.
            What is not named has its default.
        returning: names of columns.

    Returns:
        Those columns of each row that was inserted; None if the database cannot tell.
    """
    parts = [part for part in parts if part.size]
    if not parts:
        return []
    connection = connections[router.db_for_write(model)]
    columns = _columns(model, parts)
    if connection.vendor not in _SOURCES:
        _insert_objects(model, columns, connection.alias)
        return None
    return _insert_select(model, columns, returning, connection)


def _columns(model: type[models.Model], parts: Sequence[Rows]) -> _Columns:
    columns = _Columns({}, {})
    first = parts[0]
    for field in model._meta.local_concrete_fields:
        name = field.attname
        if name in first.alike and _are_alike(field, [part.alike[name] for part in parts]):
            columns.alike[field] = first.alike[name]
        elif name in first.alike:
            columns.differing[field] = [part.alike[name] for part in parts for _ in range(part.size)]
        elif name in first.differing:
            values = list(chain.from_iterable(part.differing[name] for part in parts))
            # One column must be left to say how many rows there are.
            if columns.differing and _are_alike(field, values):
                columns.alike[field] = values[0]
            else:
                columns.differing[field] = values
        elif field.db_default is NOT_PROVIDED and not field.primary_key:
            columns.alike[field] = field.get_default()
    return columns


def _are_alike(field: Field, values: Sequence[Any]) -> bool:
    first = values[0]
    if values.count(first) < len(values):
        return False
    # To Python 1, 1.0 and True are equal; to who reads the JSON they are not.
    is_json = isinstance(field, models.JSONField)
    return not is_json or all(value is first or repr(value) == repr(first) for value in values)


def _insert_select(
    model: type[models.Model], columns: _Columns, returning: Sequence[str], connection: BaseDatabaseWrapper
) -> list[tuple[Any, ...]]:
    quote = connection.ops.quote_name
    picks, source, values = _SOURCES[connection.vendor](columns, connection)
    names = ", ".join(map(quote, columns.names))
    statement = (
        f"INSERT INTO {quote(model._meta.db_table)} ({names}) SELECT {', '.join(picks)} FROM {source}"
        # SQLite wants a WHERE here, to tell a join's ON from this one.
        " WHERE true ON CONFLICT DO NOTHING"
    )
    if returning:
        statement += f" RETURNING {', '.join(map(quote, returning))}"
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if returning else []


_Source = tuple[list[str], str, list[Any]]


def _unnested(columns: _Columns, connection: BaseDatabaseWrapper) -> _Source:
    picks = [f"%s::{str(field.db_type(connection)).partition('(')[0]}" for field in columns.alike]
    picks += [f"v.c{position}" for position in range(len(columns.differing))]
    alike = [field.get_db_prep_save(value, connection) for field, value in columns.alike.items()]
    arrays, lists = [], []
    for field, values in columns.differing.items():
        array, variable = as_array(field, values, connection)
        arrays.append(array)
        lists.append(variable)
    aliases = ", ".join(f"c{position}" for position in range(len(columns.differing)))
    return picks, f"unnest({', '.join(arrays)}) AS v({aliases})", [*alike, *lists]


def _json_rows(columns: _Columns, connection: BaseDatabaseWrapper) -> _Source:
    picks = ["%s"] * len(columns.alike)
    picks += [f"json_extract(value, '$[{position}]')" for position in range(len(columns.differing))]
    differing = [prepared(field, values, connection) for field, values in columns.differing.items()]
    # One array is one variable, of which SQLite allows few.
    rows = json.dumps(list(zip(*differing, strict=True)), cls=DjangoJSONEncoder, ensure_ascii=False)
    alike = [field.get_db_prep_save(value, connection) for field, value in columns.alike.items()]
    return picks, "json_each(%s)", [*alike, rows]


_SOURCES = {"postgresql": _unnested, "sqlite": _json_rows}


def _insert_objects(model: type[models.Model], columns: _Columns, alias: str) -> None:
    alike = {field.attname: value for field, value in columns.alike.items()}
    names = [field.attname for field in columns.differing]
    rows = [
        model(**alike, **dict(zip(names, values, strict=True)))
        for values in zip(*columns.differing.values(), strict=True)
    ]
    model._default_manager.using(alias).bulk_create(rows, ignore_conflicts=True)
