"""What may stand in a payload: JSON values that every database can store."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from numbers import Integral, Real
from pathlib import PurePath
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Model, QuerySet
from django.utils.functional import Promise
from pydantic import BaseModel

MAX_BYTES = 64 * 1024
"""The longest payload, as JSON in UTF-8. The same number bounds how many values are looked at."""

MAX_DEPTH = 16
"""How many dicts and lists may stand within one another, the payload itself included."""

MAX_FAULTS = 10
"""How many faults of one payload are reported."""

MIN_INT, MAX_INT = -(2**63), 2**63 - 1

AWARE = 'pass an aware datetime\'s isoformat(), as in "2026-01-31T09:00:00+00:00"'

Path = tuple[str | int, ...]
"""Keys and indices that lead from the payload to a value."""


class Fault(NamedTuple):
    """One thing wrong with a payload, in words that reveal no value."""

    path: str
    got: str
    expected: str
    fix: str


def spell(path: Path) -> str:
    """Write a path as in "payload.items[2].sku". A key that reads like data, not like a name, stays out."""
    parts = ["payload"]
    for part in path:
        if isinstance(part, int):
            parts.append(f"[{part}]")
        elif part.isidentifier() and len(part) <= 64:
            parts.append(f".{part}")
        else:
            parts.append(f"[a key of {len(part)} characters]")
    return "".join(parts)


def name_of(path: Path) -> str:
    """Return what a fix may call the value at this path."""
    last = path[-1] if path else "payload"
    return last if isinstance(last, str) and last.isidentifier() and len(last) <= 64 else "value"


def find_faults(payload: dict[Any, Any]) -> list[Fault]:
    """Return what keeps the payload from being stored as JSON, at most MAX_FAULTS of them."""
    faults: list[Fault] = []
    room = MAX_BYTES
    pending: list[tuple[Path, Any]] = [((), payload)]
    while pending and len(faults) < MAX_FAULTS:
        path, container = pending.pop()
        if len(path) >= MAX_DEPTH:
            # One is enough: where a container contains itself there is no end of them.
            faults.append(_too_deep(path))
            break
        room -= len(container)
        if room < 0:
            faults.append(too_long(f"more than {MAX_BYTES} values"))
            break
        if isinstance(container, dict):
            if bad_keys := dict.fromkeys(fault for key in container if (fault := _fault_in_key(key, path))):
                faults.extend(bad_keys)
                continue
            entries: Iterable[tuple[Any, Any]] = container.items()
        else:
            entries = enumerate(container)
        nested = []
        for key, value in entries:
            # These few cases are nearly every value of nearly every payload.
            kind = type(value)
            if kind is str and value.isascii() and "\0" not in value:
                continue
            if value is None or kind is bool or (kind is int and MIN_INT <= value <= MAX_INT):
                continue
            if isinstance(value, (dict, list)):
                nested.append(((*path, key), value))
            elif fault := _fault_in_value(value, (*path, key)):
                faults.append(fault)
        pending.extend(reversed(nested))
    return faults[:MAX_FAULTS]


def too_long(got: str) -> Fault:
    """Return the fault of a payload that takes up too much room."""
    return Fault(
        path="payload",
        got=got,
        expected=f"at most {MAX_BYTES} bytes of JSON",
        fix="publish the ids of what is large, and load the rest in the handler",
    )


def _too_deep(path: Path) -> Fault:
    return Fault(
        path=spell(path),
        got=f"nesting deeper than {MAX_DEPTH} levels",
        expected=f"at most {MAX_DEPTH} levels",
        fix="publish a flat payload, and look for a dict or list that contains itself",
    )


def _fault_in_key(key: object, path: Path) -> Fault | None:
    if not isinstance(key, str):
        return Fault(
            spell(path), f"a key of type {type(key).__name__}", "str keys", "write the key as str(key)"
        )
    if problem := _problem_of_text(key):
        return Fault(spell(path), f"a key with {problem[0]}", "plain text", problem[1].format(name="key"))
    return None


def _fault_in_value(value: object, path: Path) -> Fault | None:
    name = name_of(path)
    if isinstance(value, str):
        problem = _problem_of_text(value)
        return problem and Fault(
            spell(path), f"str with {problem[0]}", "plain text", problem[1].format(name=name)
        )
    if isinstance(value, int):
        if MIN_INT <= value <= MAX_INT:
            return None
        got = f"int of {value.bit_length()} bits"
        return Fault(spell(path), got, "an int that fits 64 bits", f"pass str({name})")
    if isinstance(value, float):
        if math.isfinite(value):
            return None
        got = "NaN" if math.isnan(value) else "Infinity"
        return Fault(spell(path), got, "a finite number", "pass None, or leave the field out")
    return Fault(spell(path), _kind(value), "a JSON value", _as_json(value).format(name=name))


def _problem_of_text(text: str) -> tuple[str, str] | None:
    if "\0" in text:
        return "a NUL character", r'remove it, as in {name}.replace("\0", "")'
    try:
        text.encode()
    except UnicodeEncodeError:
        return "a lone surrogate", "decode the bytes it was read from with their own encoding"
    return None


def _kind(value: object) -> str:
    kind = type(value).__name__
    if isinstance(value, Model):
        return f"{kind} (a model instance)"
    if isinstance(value, datetime):
        return "datetime" if value.tzinfo else "naive datetime"
    return kind


# The first row that fits decides: a datetime is a date too.
_CONVERSIONS: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (Model, "pass {name}.pk"),
    (QuerySet, 'pass list({name}.values_list("pk", flat=True))'),
    (BaseModel, 'pass {name}.model_dump(mode="json")'),
    ((datetime, date, time), "pass {name}.isoformat()"),
    (timedelta, "pass {name}.total_seconds()"),
    (Enum, "pass {name}.value"),
    ((Decimal, UUID, Promise, PurePath), "pass str({name})"),
    ((bytes, bytearray, memoryview), "pass text, as in {name}.decode()"),
    (Integral, "pass int({name})"),
    (Real, "pass float({name})"),
    (Iterable, "pass list({name})"),
)


def _as_json(value: object) -> str:
    if isinstance(value, datetime) and value.tzinfo is None:
        return "make it aware with django.utils.timezone.make_aware({name}), then pass its isoformat()"
    if dataclasses.is_dataclass(value):
        return "pass dataclasses.asdict({name})"
    fallback = "pass a str, int, float, bool, None, list or dict made from it"
    return next((fix for kinds, fix in _CONVERSIONS if isinstance(value, kinds)), fallback)
