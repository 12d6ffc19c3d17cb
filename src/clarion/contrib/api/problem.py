"""Problem: why a request was not answered, as RFC 9457 wants it told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel, Field
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import exception_handler

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

TYPE = "urn:clarion:problem:v1:"
"""What every problem's type begins with."""

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True)
class Kind:
    """A problem that can be told from others by its name. Names and statuses are public: change none."""

    name: str
    status: int
    title: StrOrPromise


KINDS = {
    kind.name: kind
    for kind in (
        Kind("invalid-request", 400, _("The request is not as the document says")),
        Kind("not-signed-in", 401, _("You are not signed in")),
        Kind("not-permitted", 403, _("You may not do that")),
        Kind("no-person", 403, _("This account gets no notifications")),
        Kind("not-found", 404, _("There is nothing of yours at this address")),
        Kind("no-such-method", 405, _("That cannot be done here")),
        Kind("too-large", 413, _("The request is too large")),
        Kind("not-json", 415, _("The request must be JSON")),
        Kind("cannot-be-done", 422, _("That cannot be done")),
        Kind("too-many-requests", 429, _("Too many requests; wait a little")),
    )
}
"""All problems, by name."""


class Fault(BaseModel):
    """One thing that is wrong with a request."""

    detail: str
    parameter: str | None = Field(None, description="The parameter of the address that is wrong.")
    pointer: str | None = Field(None, description="Where in the body it is, as a JSON Pointer.")


class Problem(BaseModel):
    """Why a request was not answered (RFC 9457). Tell problems apart by `type`; the words may change."""

    type: str = Field(examples=[f"{TYPE}not-found"])
    title: str
    status: int
    detail: str | None = None
    errors: list[Fault] | None = None


class Refused(exceptions.APIException):
    """The request cannot be answered, for one of the reasons in KINDS."""

    def __init__(self, name: str, detail: StrOrPromise = "", errors: Sequence[Fault] = ()) -> None:
        """Say why, in words too where the title is not enough."""
        self.kind = KINDS[name]
        self.status_code = self.kind.status
        self.errors = errors
        super().__init__(detail)


_NAMES: dict[type[Exception], str] = {
    Http404: "not-found",
    exceptions.NotFound: "not-found",
    exceptions.NotAuthenticated: "not-signed-in",
    exceptions.AuthenticationFailed: "not-signed-in",
    exceptions.PermissionDenied: "not-permitted",
    exceptions.MethodNotAllowed: "no-such-method",
    exceptions.UnsupportedMediaType: "not-json",
    exceptions.Throttled: "too-many-requests",
    RequestDataTooBig: "too-large",
    TooManyFieldsSent: "too-large",
}


def answer_to(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """Return the problem that an exception means; None for what is a fault of ours."""
    refused = _refusal_of(error)
    if refused is None:
        return None
    # Transactions are rolled back, and headers such as Retry-After set, as in every API of the project.
    response = exception_handler(error, dict(context)) or Response(status=refused.kind.status)
    problem = Problem(
        type=TYPE + refused.kind.name,
        title=str(refused.kind.title),
        status=refused.kind.status,
        detail=str(refused.detail) or None,
        errors=list(refused.errors) or None,
    )
    response.status_code = refused.kind.status
    response.data = problem.model_dump(exclude_none=True)
    response.content_type = MEDIA_TYPE
    return response


def _refusal_of(error: Exception) -> Refused | None:
    if isinstance(error, Refused):
        return error
    for cause, name in _NAMES.items():
        if isinstance(error, cause):
            return Refused(name, _words_of(error))
    if isinstance(error, exceptions.APIException) and status.is_client_error(error.status_code):
        return Refused("invalid-request", _words_of(error))
    return None


def _words_of(error: Exception) -> str:
    if not isinstance(error, exceptions.APIException) or isinstance(error, exceptions.NotFound):
        return ""
    return str(error.detail)
