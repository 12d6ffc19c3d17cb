"""Operation: a method of an address, read and documented by the same models."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.http import HttpResponseBase
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from pydantic import BaseModel

from clarion.contrib.api.input import Input, body_in, query_in
from clarion.contrib.api.problem import KINDS, MEDIA_TYPE, Problem

if TYPE_CHECKING:
    from rest_framework.request import Request
    from rest_framework.views import APIView

    Handler = Callable[..., HttpResponseBase]

EVERYWHERE = ("invalid-request", "not-signed-in", "not-permitted", "no-person", "too-many-requests")
"""Problems that every operation has."""

IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match", str, OpenApiParameter.HEADER, description="The ETag of an answer that is still at hand."
)
NOTHING_NEW = OpenApiResponse(description="The answer that is at hand still holds.")


class _Nothing(Input):
    """No parameters."""


def operation(
    name: str,
    answers: Mapping[int, type[BaseModel] | str | None],
    *,
    query: type[BaseModel] | None = None,
    body: type[BaseModel] | None = None,
    problems: Iterable[str] = (),
) -> Callable[[Handler], Handler]:
    """Read what a method takes, and have the document say what it takes and gives.

    The method is called with `query` and `body`, where it takes any, as keyword arguments.

    Args:
        name: the operation's id, a part of the public interface.
        answers: a model, or a media type, by status; None for an empty answer.
        problems: names of those it has beside what every operation has.
    """

    def decorate(method: Handler) -> Handler:
        @wraps(method)
        def read(view: APIView, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
            # An address is read where none of it is expected, too: what is misspelt must not go unnoticed.
            parameters = query_in(request.query_params, query or _Nothing)
            if query:
                kwargs["query"] = parameters
            if body:
                kwargs["body"] = body_in(request, body)
            return method(view, request, *args, **kwargs)

        read.schema = AutoSchema()  # type: ignore[attr-defined]  # else the project's, which may be another's
        is_kept = method.__name__ == "get" and not any(isinstance(answer, str) for answer in answers.values())
        names = [*EVERYWHERE, *problems]
        names += ["too-large", "not-json"] if body else []
        summary, _, description = (method.__doc__ or "").partition("\n")
        described: Handler = extend_schema(
            operation_id=name,
            summary=summary.rstrip("."),
            description=" ".join(description.split()),
            parameters=[*(_parameters_of(query) if query else ()), *([IF_NONE_MATCH] if is_kept else ())],
            request={"application/json": body} if body else None,
            responses=_responses(answers, names) | ({304: NOTHING_NEW} if is_kept else {}),
        )(read)
        return described

    return decorate


def _responses(answers: Mapping[int, type[BaseModel] | str | None], names: Iterable[str]) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    for status, answer in answers.items():
        if isinstance(answer, str):
            found[status, answer] = OpenApiResponse(str, description="Server-sent events")
        else:
            found[status] = OpenApiResponse(answer, description="" if answer else "Nothing to say")
    by_status: dict[int, list[str]] = {}
    for kind in (KINDS[name] for name in names):
        by_status.setdefault(kind.status, []).append(kind.name)
    for status, kinds in sorted(by_status.items()):
        found[status, MEDIA_TYPE] = OpenApiResponse(Problem, description=", ".join(kinds))
    return found


def _parameters_of(model: type[BaseModel]) -> Iterable[OpenApiParameter]:
    schema = model.model_json_schema()
    for name, about in schema["properties"].items():
        described = schema["$defs"][about.pop("$ref").rpartition("/")[2]] if "$ref" in about else {}
        kept = {
            key: value for key, value in {**described, **about}.items() if key not in ("title", "description")
        }
        yield OpenApiParameter(
            name, kept, required=name in schema.get("required", ()), description=about.get("description", "")
        )
