"""ApiView: what every address of the API has in common; `operation`: one method of one of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.db.models import Model
from django.http import HttpResponseBase
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.decorators import method_decorator
from django.views.decorators.http import conditional_page
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from pydantic import BaseModel
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.views import APIView

from clarion.contrib.api.input import Input, body_in, query_in
from clarion.contrib.api.problem import KINDS, MEDIA_TYPE, Problem, Refused, answer_to
from clarion.contrib.api.throttles import ReadThrottle, WriteThrottle
from clarion.inbox.person import person_of

if TYPE_CHECKING:
    from rest_framework.request import Request

    Handler = Callable[..., HttpResponseBase]


IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match", str, OpenApiParameter.HEADER, description="The ETag of an answer that is still at hand."
)
NOTHING_NEW = OpenApiResponse(description="The answer that is at hand still holds.")


class _Nothing(Input):
    """No parameters."""


class Unread(BaseParser):
    """Leaves bodies to `body_in`; Django's check of the CSRF token would have one read before."""

    media_type = "*/*"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        """Return nothing."""
        return {}


class OneRepresentation(BaseContentNegotiation):
    """Answers as the document says, whatever is asked for: there is one representation of everything."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        """Choose the one there is."""
        return parsers[0]

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        """Choose the one there is."""
        return renderers[0], renderers[0].media_type


@method_decorator(conditional_page, name="dispatch")
class ApiView(APIView):
    """One address. Who may ask, and how they sign in, is the project's `REST_FRAMEWORK` setting's to say."""

    http_method_names = ["get", "head", "post", "patch", "delete"]
    parser_classes = [Unread]
    renderer_classes = [JSONRenderer]
    content_negotiation_class = OneRepresentation
    throttle_classes = [ReadThrottle, WriteThrottle]
    schema = AutoSchema()

    person: Model
    """Whose notifications these are."""

    def get_permissions(self) -> list[Any]:
        """Ask for more than the project does: that somebody is signed in."""
        theirs = [each for each in super().get_permissions() if not isinstance(each, AllowAny)]
        return [IsAuthenticated(), *theirs]

    def get_authenticate_header(self, request: Request) -> str:
        """Return the first challenge of any way to sign in, so that who is not gets 401 and never 403."""
        offers = (authenticator.authenticate_header(request) for authenticator in self.get_authenticators())
        return next(filter(None, offers), "Session")

    def get_exception_handler(self) -> Callable[..., Response | None]:
        """Tell problems our way, whatever the project's other APIs do."""
        return answer_to

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Find the person.

        Raises:
            Refused: the user is nobody's.
        """
        super().initial(request, *args, **kwargs)
        person = person_of(request.user)
        if person is None:
            raise Refused("no-person")
        self.person = person

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        """Have answers kept by the asker alone, and asked for again each time."""
        response = super().finalize_response(request, response, *args, **kwargs)
        if not response.has_header("Cache-Control"):
            patch_cache_control(response, private=True, no_cache=True)
        patch_vary_headers(response, ["Authorization", "Cookie", "Accept-Language"])
        return response


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
        def read(view: ApiView, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
            # An address is read where none of it is expected, too: what is misspelt must not go unnoticed.
            parameters = query_in(request.query_params, query or _Nothing)
            if query:
                kwargs["query"] = parameters
            if body:
                kwargs["body"] = body_in(request, body)
            return method(view, request, *args, **kwargs)

        read.schema = AutoSchema()  # type: ignore[attr-defined]  # else the project's, which may be another's
        is_kept = method.__name__ == "get" and not any(isinstance(answer, str) for answer in answers.values())
        names = ["invalid-request", "not-signed-in", "not-permitted", "too-many-requests", *problems]
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
