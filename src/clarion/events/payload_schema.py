"""PayloadSchema: the contract between those who publish an event and those who hear of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import datetime
from functools import cached_property
from itertools import islice
from typing import Any

from pydantic import (
    BaseModel,
    PydanticInvalidForJsonSchema,
    PydanticUndefinedAnnotation,
    PydanticUserError,
    RootModel,
    TypeAdapter,
    ValidationError,
)
from pydantic.errors import PydanticErrorMixin
from pydantic_core import to_json
from typing_extensions import is_typeddict

from clarion.events.json_values import AWARE, MAX_BYTES, MAX_FAULTS, Fault, Path, find_faults, spell, too_long
from clarion.events.schema_faults import faults_of
from clarion.exceptions import ImproperlyDeclared, InvalidPayload

_SCALARS = {"string", "integer", "number", "boolean", "null"}


class PayloadSchema:
    """A pydantic model, dataclass or TypedDict, asked strictly: no conversions, no other fields."""

    def __init__(self, event_type: str, declared: type) -> None:
        """Prepare the schema of this event type.

        Raises:
            ImproperlyDeclared: the class is none of the three kinds, or pydantic cannot read it.
        """
        self.event_type = event_type
        self.name = getattr(declared, "__name__", repr(declared))
        if not _has_fields(declared):
            raise ImproperlyDeclared(
                path="payload",
                got=self.name,
                expected="a class with fields: a pydantic BaseModel, a dataclass or a TypedDict",
                fix="declare such a class and pass the class itself",
                event_type=event_type,
            )
        try:
            self._adapter: TypeAdapter[Any] = TypeAdapter(declared)
        except (PydanticUserError, PydanticUndefinedAnnotation) as unreadable:
            raise self._unreadable(unreadable) from unreadable

    def validate(self, payload: object) -> dict[str, Any]:
        """Return the payload as it will be stored: JSON values, with the schema's defaults filled in.

        Raises:
            InvalidPayload: it holds something that is not JSON, or does not match the schema.
        """
        if not isinstance(payload, dict):
            raise self._refusal([self._not_a_dict(payload)])
        if faults := find_faults(payload):
            raise self._refusal(faults)
        text = to_json(payload)
        if len(text) > MAX_BYTES:
            raise self._refusal([too_long(f"{len(text)} bytes of JSON")])
        value = self._parsed(text, payload)
        if naive := self._naive_datetimes(value):
            raise self._refusal(naive)
        stored: dict[str, Any] = self._adapter.dump_python(
            value, mode="json", by_alias=True, exclude_computed_fields=True
        )
        return stored

    def json_schema(self) -> dict[str, Any]:
        """Return the JSON Schema (draft 2020-12) of what may be published.

        Raises:
            ImproperlyDeclared: a field has a type that JSON Schema cannot describe.
        """
        try:
            return self._adapter.json_schema()
        except PydanticInvalidForJsonSchema as unreadable:
            raise self._unreadable(unreadable) from unreadable

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        """The fields a template may show: text, numbers, booleans, and what JSON writes as text."""
        definitions = self._json_schema.get("$defs", {})
        return tuple(
            name
            for name, field in self._fields.items()
            if name.isidentifier() and _is_scalar(field, definitions)
        )

    @cached_property
    def _json_schema(self) -> dict[str, Any]:
        return self.json_schema()

    @cached_property
    def _fields(self) -> dict[str, Any]:
        definitions = self._json_schema.get("$defs", {})
        # A class that refers to itself is described among the definitions.
        fields: dict[str, Any] = _resolve(self._json_schema, definitions).get("properties", {})
        return fields

    @cached_property
    def _has_datetimes(self) -> bool:
        return b'"date-time"' in to_json(self._json_schema)

    def _parsed(self, text: bytes, payload: dict[str, Any]) -> Any:
        try:
            return self._adapter.validate_json(text, strict=True, extra="forbid")
        except ValidationError as invalid:
            refusal = self._refusal(faults_of(invalid, payload, self.name, self._fields))
        # Raised out here because pydantic's error quotes values: it must not become the context of ours.
        raise refusal

    def _naive_datetimes(self, value: Any) -> list[Fault]:
        if not self._has_datetimes:
            return []
        python_values = self._adapter.dump_python(value, by_alias=True, exclude_computed_fields=True)
        faults = (
            Fault(spell(path), "a naive datetime", "a datetime with a UTC offset", AWARE)
            for path in _naive_in(python_values, ())
        )
        return list(islice(faults, MAX_FAULTS))

    def _not_a_dict(self, payload: object) -> Fault:
        if isinstance(payload, BaseModel):
            fix = 'pass payload.model_dump(mode="json")'
        elif dataclasses.is_dataclass(payload):
            fix = "pass dataclasses.asdict(payload)"
        else:
            fix = f"pass a dict with the fields of {self.name}: {', '.join(self._fields) or 'none'}"
        return Fault("payload", "None" if payload is None else type(payload).__name__, "dict", fix)

    def _refusal(self, faults: list[Fault]) -> InvalidPayload:
        first, *others = (InvalidPayload(*fault, event_type=self.event_type) for fault in faults)
        first.others = tuple(others)
        return first

    def _unreadable(self, problem: PydanticErrorMixin) -> ImproperlyDeclared:
        return ImproperlyDeclared(
            path="payload",
            got=f"{self.name}, which pydantic cannot read",
            expected="fields of types that JSON can hold",
            fix=problem.message,
            event_type=self.event_type,
        )


def _has_fields(declared: object) -> bool:
    if not isinstance(declared, type) or issubclass(declared, RootModel):
        return False
    return issubclass(declared, BaseModel) or dataclasses.is_dataclass(declared) or is_typeddict(declared)


def _naive_in(value: Any, path: Path) -> Iterator[Path]:
    if isinstance(value, datetime):
        if value.tzinfo is None:
            yield path
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _naive_in(item, (*path, str(key)))
    elif isinstance(value, (list, tuple, set, frozenset)):
        for index, item in enumerate(value):
            yield from _naive_in(item, (*path, index))


def _resolve(schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    while reference := schema.get("$ref"):
        schema = definitions[reference.removeprefix("#/$defs/")]
    return schema


def _is_scalar(schema: dict[str, Any], definitions: dict[str, Any]) -> bool:
    schema = _resolve(schema, definitions)
    if options := schema.get("anyOf") or schema.get("oneOf"):
        return all(_is_scalar(option, definitions) for option in options)
    return "enum" in schema or schema.get("type") in _SCALARS
