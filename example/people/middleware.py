"""Pages in the person's own language."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import translation

from people.access import person_of


def person_language(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Answer in the language of the signed-in person; visitors keep the site's."""

    def middleware(request: HttpRequest) -> HttpResponse:
        person = person_of(request)
        language = person.language if person else translation.get_language()
        with translation.override(language):
            response = get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response

    return middleware
