"""The OpenAPI document."""

from __future__ import annotations

from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import conditional_page, require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.settings import patched_settings
from drf_spectacular.utils import extend_schema

from clarion.contrib.api.problem import Refused
from clarion.contrib.api.view import ApiView

if TYPE_CHECKING:
    from rest_framework.request import Request

VERSION = "1.0.0"
"""Of the document: the first number is that of the address."""

SETTINGS: dict[str, Any] = {
    "TITLE": "Notifications",
    "DESCRIPTION": "A person's inbox, preferences and mutes. Every answer is the signed-in person's own; "
    "what is another's is as good as not there.",
    "VERSION": VERSION,
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/v1",
    # What a project has hooked into the documents of its own APIs was not meant for this one.
    "PREPROCESSING_HOOKS": [],
    "POSTPROCESSING_HOOKS": [],
}

_lock = Lock()


@lru_cache(maxsize=8)
def document_at(mounted: str) -> dict[str, Any]:
    """Return the document for an API whose addresses begin so; "" for the root of the site."""
    from clarion.contrib.api.urls import operations  # which name this module's views

    # Patched settings are those of the whole process.
    with _lock, patched_settings({**SETTINGS, "SCHEMA_PATH_PREFIX_INSERT": mounted}):
        generator = SchemaGenerator(patterns=operations)  # type: ignore[no-untyped-call]  # theirs
        document: dict[str, Any] = generator.get_schema(public=True)  # type: ignore[no-untyped-call]
    for methods in document["paths"].values():
        for operation in methods.values():
            if "requestBody" in operation:  # which drf-spectacular takes for optional
                operation["requestBody"]["required"] = True
    return document


@require_safe
@conditional_page
def document(request: HttpRequest) -> HttpResponse:
    """Return the document, with the addresses as this project has mounted them. It tells of nobody."""
    return JsonResponse(document_at(request.path.removesuffix("/v1/openapi.json")))


@extend_schema(exclude=True)
class NoSuchAddress(ApiView):
    """Whatever else is asked for below our addresses."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse.

        Raises:
            Refused: always, once it is known who asks.
        """
        super().initial(request, *args, **kwargs)
        raise Refused("not-found")
