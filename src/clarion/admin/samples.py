"""Sample values: what a preview fills a template with."""

from __future__ import annotations

from typing import Any

from clarion.events import EventType

SAMPLES: dict[str, Any] = {"integer": 42, "number": 1.5, "boolean": True, "null": None}


def sample_values(event_type: EventType) -> dict[str, Any]:
    """Return a value for every parameter: the schema's own example or default, else one of the right kind."""
    schema = event_type.json_schema()
    definitions = schema.get("$defs", {})
    fields = _resolve(schema, definitions).get("properties", {})
    return {name: _sample(name, fields[name], definitions) for name in event_type.parameters}


def _sample(name: str, field: dict[str, Any], definitions: dict[str, Any]) -> Any:
    field = _resolve(field, definitions)
    for given in (
        *field.get("examples", ()),
        field.get("default"),
        *field.get("enum", ()),
        field.get("const"),
    ):
        if given is not None:
            return given
    if options := field.get("anyOf") or field.get("oneOf"):
        return _sample(name, options[0], definitions)
    return SAMPLES.get(field.get("type", ""), f"[{name}]")


def _resolve(field: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    if reference := field.get("$ref"):
        resolved: dict[str, Any] = definitions[reference.removeprefix("#/$defs/")]
        return resolved
    return field
