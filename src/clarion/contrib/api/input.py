"""Input: what a request holds, read strictly by the models that the document shows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TypeVar

from django.http import QueryDict
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails
from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.request import Request

from clarion.contrib.api.problem import Fault, Refused

M = TypeVar("M", bound=BaseModel)


class Input(BaseModel):
    """What may be sent: what is named here, and nothing else."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def query_in(query: QueryDict, model: type[M]) -> M:
    """Return the parameters of an address.

    Raises:
        Refused: names each that is wrong.
    """
    twice = [name for name, values in query.lists() if len(values) > 1]
    if twice:
        faults = [Fault(detail="This parameter is given more than once.", parameter=name) for name in twice]
        raise Refused("invalid-request", errors=faults)
    try:
        return model.model_validate_strings(query.dict())
    except ValidationError as invalid:
        faults = [Fault(detail=error["msg"], parameter=str(error["loc"][0])) for error in _errors_of(invalid)]
        raise Refused("invalid-request", errors=faults) from None


def body_in(request: Request, model: type[M]) -> M:
    """Return the body.

    Raises:
        Refused: says what is wrong, and where.
        UnsupportedMediaType: it is not JSON.
    """
    media_type = request.content_type or ""
    if media_type.partition(";")[0].strip().lower() != "application/json":
        raise UnsupportedMediaType(media_type)
    body = request._request.body
    try:
        return model.model_validate_json(body, strict=True)
    except ValidationError as invalid:
        faults = [Fault(detail=error["msg"], pointer=_pointer(error, body)) for error in _errors_of(invalid)]
        raise Refused("invalid-request", errors=faults) from None


def _errors_of(invalid: ValidationError) -> list[ErrorDetails]:
    return invalid.errors(include_url=False, include_context=False, include_input=False)


def _pointer(error: ErrorDetails, body: bytes) -> str | None:
    """Return where in the body an error is; pydantic's own path names alternatives of a model, too."""
    if error["type"] == "json_invalid":
        return None
    place: Any = json.loads(body)
    parts: list[str] = []
    for part in error["loc"]:
        if isinstance(place, Mapping) and part in place:
            place = place[str(part)]
        elif isinstance(place, list) and isinstance(part, int):
            place = place[part]
        elif error["type"] != "missing" or part != error["loc"][-1]:
            continue
        parts.append(str(part).replace("~", "~0").replace("/", "~1"))
    return "".join(f"/{part}" for part in parts)
