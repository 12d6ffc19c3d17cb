"""What a schema has against a payload, told so that it can be mended and gives no value away."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, get_args

from pydantic_core import ErrorDetails, ValidationError
from pydantic_core.core_schema import ErrorType

from clarion.events.json_values import AWARE, MAX_FAULTS, Fault, Path, name_of, spell
from clarion.events.names import closest

_PYTHON_NAMES = {
    "string_type": "str",
    "int_type": "int",
    "int_from_float": "int",
    "float_type": "float",
    "bool_type": "bool",
    "none_required": "None",
    "list_type": "list",
    "set_type": "list",
    "frozen_set_type": "list",
    "tuple_type": "list",
    "dict_type": "dict",
    "model_type": "dict",
    "model_attributes_type": "dict",
    "dataclass_type": "dict",
    "timezone_aware": "a datetime with a UTC offset",
}
_EXTRA = ("extra_forbidden", "unexpected_keyword_argument")
# The messages of these can repeat the value: they come from the schema author's code, or quote the input.
_QUOTING = {"value_error", "assertion_error", "union_tag_invalid"}
_SAFE = set(get_args(ErrorType)) - _QUOTING


def faults_of(
    error: ValidationError, payload: dict[str, Any], schema: str, fields: Collection[str]
) -> list[Fault]:
    """Translate pydantic's errors, at most MAX_FAULTS of them.

    `schema` is the name of the payload's class and `fields` are its top-level fields.
    """
    faults: dict[Path, Fault] = {}
    for details in error.errors(include_url=False):
        path = _path_in(payload, details)
        if details["type"] in _EXTRA:
            fault = _extra(path, schema, fields)
        elif details["type"] == "missing":
            fault = Fault(spell(path), "nothing", "a value", f"add {name_of(path)}, which {schema} requires")
        else:
            fault = _mismatch(path, details, schema)
        earlier = faults.get(path)
        if earlier and earlier.expected != fault.expected:
            # Each member of a union objects for itself.
            fault = earlier._replace(expected=f"{earlier.expected} or {fault.expected}", fix=_allowed(schema))
        faults[path] = fault
    return list(faults.values())[:MAX_FAULTS]


def _path_in(payload: dict[str, Any], details: ErrorDetails) -> Path:
    """Return the error's place in the payload: pydantic's own also names union members and dict keys."""
    path: list[str | int] = []
    here: Any = payload
    for part in details["loc"]:
        step: Any = part
        if (isinstance(here, dict) and step in here) or (isinstance(here, list) and isinstance(step, int)):
            here = here[step]
        elif details["type"] != "missing" or step != details["loc"][-1]:
            continue
        path.append(step)
    return tuple(path)


def _extra(path: Path, schema: str, fields: Collection[str]) -> Fault:
    fix = f"remove it, or add it to {schema}"
    meant = closest(str(path[-1]), fields) if len(path) == 1 else None
    return Fault(
        path=spell(path),
        got="a field that is not in the schema",
        expected="only fields of the schema",
        fix=f'did you mean "{meant}"? Otherwise {fix}' if meant else fix,
    )


def _mismatch(path: Path, details: ErrorDetails, schema: str) -> Fault:
    expected = _expected(details)
    value = details["input"]
    if details["type"] == "timezone_aware":
        return Fault(spell(path), "a naive datetime", expected, AWARE)
    if expected in ("str", "int", "float") and value is not None and not isinstance(value, (dict, list)):
        fix = f"pass {expected}({name_of(path)})"
    else:
        fix = _allowed(schema)
    return Fault(spell(path), _kind(value, measured=not details["type"].endswith("_type")), expected, fix)


def _expected(details: ErrorDetails) -> str:
    kind = details["type"]
    if kind in _PYTHON_NAMES:
        return _PYTHON_NAMES[kind]
    if kind not in _SAFE:
        return "a value that its validator accepts"
    # As in "Input should be a valid UUID, invalid length" or "String should match pattern 'x'".
    _, _, wanted = details["msg"].partition(" should ")
    if kind.endswith("_parsing"):
        # After the comma, parsers say what they stumbled over.
        wanted, _, _ = wanted.partition(",")
    verb, _, rest = wanted.partition(" ")
    return rest if verb in ("be", "have") else f"to {wanted}"


def _kind(value: object, *, measured: bool) -> str:
    if value is None:
        return "None"
    name = type(value).__name__
    if measured and isinstance(value, str):
        return f"{name} of {len(value)} characters"
    if measured and isinstance(value, (list, dict)):
        return f"{name} of {len(value)} items"
    return name


def _allowed(schema: str) -> str:
    return f"pass what {schema} allows, or widen the schema"
