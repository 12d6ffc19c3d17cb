"""The OpenAPI document as a page that anyone can read: without JavaScript, by keyboard, at any width."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clarion.contrib.api.document import document_at


class Operation(NamedTuple):
    """One thing that the API does."""

    name: str
    method: str
    path: str
    summary: str
    description: str
    parameters: list[dict[str, Any]]
    body: str
    """What it takes, as JSON Schema; "" if nothing."""
    responses: list[tuple[str, str, str]]
    """Status, what the answer holds, and what it means."""

    @property
    def is_linked(self) -> bool:
        """Whether whoever is signed in can follow its address and see their own answer."""
        return self.method == "GET" and "{" not in self.path


@require_safe
def reference(request: HttpRequest) -> HttpResponse:
    """Show every operation, and the form of what travels."""
    document = document_at(request.path.removesuffix("/v1/"))
    schemas = {name: _indented(schema) for name, schema in document["components"]["schemas"].items()}
    context = {"document": document, "operations": list(_operations(document)), "schemas": schemas}
    return render(request, "clarion/api.html", context)


def _operations(document: dict[str, Any]) -> Iterator[Operation]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield Operation(
                operation["operationId"],
                method.upper(),
                path,
                operation["summary"],
                operation["description"],
                operation.get("parameters", []),
                _form_of(operation.get("requestBody", {})),
                [
                    (status, _form_of(response), response["description"])
                    for status, response in sorted(operation["responses"].items())
                ],
            )


def _form_of(message: dict[str, Any]) -> str:
    """Return the name of the form that a message has, or the form itself where it has no name."""
    for content in message.get("content", {}).values():
        schema: dict[str, Any] = content.get("schema", {})
        named = str(schema.get("$ref", "")).rpartition("/")[2]
        return named or _indented(schema)
    return ""


def _indented(schema: dict[str, Any]) -> str:
    return json.dumps(schema, indent=2)
