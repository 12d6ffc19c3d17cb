"""Lists that travel to the database as one variable, as JSON: however long, they are one to parse there."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.expressions import RawSQL

if TYPE_CHECKING:
    Field = models.Field[Any, Any]  # not generic at run time

_AS_THEY_ARE = frozenset({int, str, dict, list, type(None)})
"""Types of values that JSON carries as the database will store them."""

_NUMBERS = frozenset({"smallint", "integer", "bigint"})


class _Encoder(DjangoJSONEncoder):
    """Writes moments in full, where Django's cuts them to milliseconds."""

    def default(self, o: Any) -> Any:
        return o.isoformat() if isinstance(o, datetime) else super().default(o)


def listed(field: Field, values: Collection[Any], alias: str) -> Any:
    """Return the values for a lookup such as `pk__in`, as one variable where the database can take it so.

    Args:
        field: what they are values of.
        values: the list.
        alias: of the database that is asked.
    """
    connection = connections[alias]
    if connection.vendor == "postgresql":
        array, variable = as_array(field, values, connection)
        return RawSQL(f"SELECT unnest({array})", [variable])
    if connection.vendor == "sqlite":
        return RawSQL("SELECT value FROM json_each(%s)", [dumped(field, values, connection)])
    return values


def as_array(field: Field, values: Iterable[Any], connection: BaseDatabaseWrapper) -> tuple[str, str]:
    """Return what is an array of the field's type on PostgreSQL, and its one variable."""
    # Without a length: a cast would cut what is too long, where the column refuses it.
    kind = str(field.rel_db_type(connection)).partition("(")[0]
    elements = dumped(field, values, connection)
    if kind in _NUMBERS:
        # Written like JSON but for the brackets, and far cheaper to read.
        return f"%s::{kind}[]", f"{{{elements[1:-1]}}}"
    return f"ARRAY(SELECT json_array_elements_text(%s::json))::{kind}[]", elements


def dumped(field: Field, values: Iterable[Any], connection: BaseDatabaseWrapper) -> str:
    """Return the values as one JSON array."""
    return json.dumps(prepared(field, values, connection), cls=_Encoder, ensure_ascii=False)


def prepared(field: Field, values: Iterable[Any], connection: BaseDatabaseWrapper) -> list[Any]:
    """Return the values as they are stored, or as JSON that becomes that."""
    values = list(values)
    if _AS_THEY_ARE.issuperset(map(type, values)):
        return values
    return [
        value if type(value) in _AS_THEY_ARE else field.get_db_prep_save(value, connection)
        for value in values
    ]
