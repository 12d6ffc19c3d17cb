"""Rows: copies of rows that somebody else wrote, made by the database alone.

So tables are filled to any size, and so the limit writes the very rows that Clarion wrote: same columns, same
values, same indexes and constraints, whatever Clarion's models are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.db import connection, transaction
from django.db.models import ForeignKey, Model

from clarion.models import EventLog

Models = Sequence[type[Model]]

PERSON_COLUMNS = frozenset({"person_id", "recipient_id", "user_id"})


def fan_out_models() -> list[type[Model]]:
    """Return Clarion's models that hang from an event, and the event's own, parents first."""
    found: list[type[Model]] = [EventLog]
    candidates = list(apps.get_app_config("clarion").get_models())
    while more := [
        model
        for model in candidates
        if model not in found and any(parent in found for _, parent in parents_of(model))
    ]:
        # One at a time: a model may hang from another that is found only now.
        found += [model for model in more if not any(p in more for _, p in parents_of(model) if p != model)]
    return found


def parents_of(model: type[Model]) -> list[tuple[str, type[Model]]]:
    """Return the columns that lead to other rows, and to which model."""
    return [
        (field.column, field.related_model)
        for field in model._meta.concrete_fields
        if isinstance(field, ForeignKey) and isinstance(field.related_model, type)
    ]


def below(model: type[Model], root: type[Model], key: int, among: Models) -> str:
    """Return the condition for the rows of a model that hang from one row of `root`."""
    if model is root:
        return f"{_quoted(_pk(root))} = {int(key)}"
    column, parent = next((column, parent) for column, parent in parents_of(model) if parent in among)
    if parent is root:
        return f"{_quoted(column)} = {int(key)}"
    inner = below(parent, root, key, among)
    return f"{_quoted(column)} IN (SELECT {_quoted(_pk(parent))} FROM {_table(parent)} WHERE {inner})"


def highest(model: type[Model]) -> int:
    """Return the highest primary key; 0 without rows."""
    return int(_one(f"SELECT coalesce(max({_quoted(_pk(model))}), 0) FROM {_table(model)}"))


def series(last: str) -> str:
    """Return a table expression of the numbers from 1 to `last`, as `s(n)`."""
    if connection.vendor == "postgresql":
        return f"generate_series(1, {last}) AS s(n)"
    numbers = f"SELECT 1 AS n UNION ALL SELECT n + 1 FROM s WHERE n < {last}"
    return f"(WITH RECURSIVE s AS ({numbers}) SELECT n FROM s) AS s"


def multiply(
    models: Models,
    copies: int,
    people: int,
    *,
    event: int | None = None,
    reader: int | None = None,
    instead: Mapping[str, str] | None = None,
) -> None:
    """Fill tables with copies of the rows they have, for other people each time.

    Args:
        models: parents first.
        copies: how many of each row.
        people: how many there are.
        event: copy only what hangs from this one, the first of the models.
        reader: who takes the place of person 1 in every copy.
        instead: SQL by column, in place of what is copied; `s.n` is the number of the copy.
    """
    strides = {model: highest(model) for model in models}
    offset = max(int(_one(f"SELECT count(*) FROM {_table(model)}")) for model in models)
    shifts = {model: f"{stride} * s.n" for model, stride in strides.items()}
    with without_indexes(models), transaction.atomic():
        for model in models:
            where = "" if event is None else f" WHERE {below(model, models[0], event, models)}"
            _run(f"CREATE TEMPORARY TABLE {_staged(model)} AS SELECT * FROM {_table(model)}{where}")
        for model in models:
            chosen = _selection(model, shifts, (f"{offset} * s.n", people, reader), instead)
            _run(
                f"INSERT INTO {_table(model)} ({_column_list(model)}) "
                f"SELECT {chosen} FROM {series(str(copies))} CROSS JOIN {_staged(model)} AS t WHERE s.n > 0"
            )
        for model in models:
            _run(f"DROP TABLE {_staged(model)}")
    _set_sequences(models)


def _selection(
    model: type[Model],
    shifts: Mapping[type[Model], str],
    people: tuple[str, int, int | None] | None = None,
    instead: Mapping[str, str] | None = None,
) -> str:
    """Return the columns of a copy: keys shifted, people rotated (offset, how many, reader)."""
    links = dict(parents_of(model))
    picked = []
    for column in _columns(model):
        quoted = _quoted(column)
        target = model if column == _pk(model) else links.get(column)
        if instead and column in instead:
            picked.append(f"{instead[column]} AS {quoted}")
        elif target and target in shifts:
            picked.append(f"{quoted} + {shifts[target]} AS {quoted}")
        elif people and column in PERSON_COLUMNS:
            offset, number, reader = people
            rotated = f"({quoted} - 1 + {offset}) % {number} + 1"
            chosen = rotated if reader is None else f"CASE {quoted} WHEN 1 THEN {reader} ELSE {rotated} END"
            picked.append(f"{chosen} AS {quoted}")
        else:
            picked.append(quoted)
    return ", ".join(picked)


class Copy:
    """The rows that hang from one event, ready to be written once more, under keys of their own."""

    def __init__(self, models: Models, root: type[Model], key: int) -> None:
        """Put them where they can be read fast: a table without indexes, or on SQLite a list."""
        self._models = models
        self._rows: dict[type[Model], list[Any]] = {}
        shifts = {model: str(highest(model)) for model in models}
        for model in models:
            select = (
                f"SELECT {_selection(model, shifts)} FROM {_table(model)} "
                f"WHERE {below(model, root, key, models)}"
            )
            if connection.vendor == "postgresql":
                _run(f"DROP TABLE IF EXISTS {_staged(model)}")
                _run(f"CREATE UNLOGGED TABLE {_staged(model)} AS {select}")
                _run(f"ANALYZE {_staged(model)}")
            else:
                with connection.cursor() as cursor:
                    cursor.execute(select)
                    self._rows[model] = cursor.fetchall()

    def write(self) -> None:
        """Write them in one transaction: the limit."""
        # The driver's own connection: nothing of Django's takes part.
        connection.ensure_connection()
        raw: Any = connection.connection
        if connection.vendor == "postgresql":
            with raw.transaction(), raw.cursor() as cursor:
                for model in self._models:
                    cursor.execute(
                        f"INSERT INTO {_table(model)} ({_column_list(model)}) SELECT * FROM {_staged(model)}"
                    )
        else:
            raw.execute("BEGIN IMMEDIATE")
            for model in self._models:
                marks = ", ".join("?" * len(_columns(model)))
                insert = f"INSERT INTO {_table(model)} ({_column_list(model)}) VALUES ({marks})"
                raw.executemany(insert, self._rows[model])
            raw.commit()

    def done(self) -> None:
        """Leave the tables fit for others: sequences go on behind the highest key."""
        _set_sequences(self._models)


def delete_expired(models: Models, batch: int = 10_000) -> None:
    """Delete what is past its time by raw SQL, in batches, each its own transaction, children first.

    A batch is so many neighbouring keys: nothing is looked for twice, nothing is asked but the time.
    """
    now = "now()" if connection.vendor == "postgresql" else "strftime('%Y-%m-%d %H:%M:%f', 'now')"
    for model in reversed(models):
        key = _quoted(_pk(model))
        for last in range(0, highest(model), batch):
            keys = f"{key} > {last} AND {key} <= {last + batch}"
            _run(f"DELETE FROM {_table(model)} WHERE {keys} AND delete_at <= {now}")


@contextmanager
def without_indexes(models: Models) -> Iterator[None]:
    """Let PostgreSQL build indexes once, when the rows are there; trust that keys lead somewhere."""
    if connection.vendor != "postgresql":
        yield
        return
    tables = [model._meta.db_table for model in models]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, pg_get_indexdef(c.oid) FROM pg_index i "
            "JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid "
            "LEFT JOIN pg_constraint k ON k.conindid = c.oid "
            "WHERE t.relname = ANY(%s) AND k.oid IS NULL",
            [tables],
        )
        indexes = cursor.fetchall()
        for name, _ in indexes:
            cursor.execute(f"DROP INDEX {_quoted(name)}")
        cursor.execute("SET session_replication_role = replica")
    try:
        yield
    finally:
        _run("SET session_replication_role = DEFAULT")
        for _, definition in indexes:
            _run(definition)


def _set_sequences(models: Models) -> None:
    if connection.vendor == "postgresql":
        for model in models:
            sequence = f"pg_get_serial_sequence('{model._meta.db_table}', '{_pk(model)}')"
            _run(f"SELECT setval({sequence}, {max(highest(model), 1)})")


def _columns(model: type[Model]) -> list[str]:
    return [str(field.column) for field in model._meta.local_concrete_fields]


def _column_list(model: type[Model]) -> str:
    return ", ".join(map(_quoted, _columns(model)))


def _pk(model: type[Model]) -> str:
    return str(model._meta.pk.column)


def _table(model: type[Model]) -> str:
    return _quoted(model._meta.db_table)


def _staged(model: type[Model]) -> str:
    return _quoted(f"limit_{model._meta.db_table}")


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def _one(query: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone()[0]


def _run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
