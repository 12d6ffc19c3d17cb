"""ApiView: what every address of the API has in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.db.models import Model
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.decorators import method_decorator
from django.views.decorators.http import conditional_page
from drf_spectacular.openapi import AutoSchema
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.views import APIView

from clarion.contrib.api.problem import Refused, answer_to
from clarion.contrib.api.throttles import ReadThrottle, WriteThrottle
from clarion.inbox.person import person_of

if TYPE_CHECKING:
    from rest_framework.request import Request


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
    versioning_class = None
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
