"""Who is asking: the person behind a request."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse

from people.models import Person

P = ParamSpec("P")


def person_of(request: HttpRequest) -> Person | None:
    """The person of the signed-in user; None for visitors, and for staff who are nobody in the product."""
    return getattr(request.user, "person", None)


def person_required(
    view: Callable[Concatenate[HttpRequest, Person, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Hand the person to the view as its second argument; send everyone else to the login page."""

    @wraps(view)
    def with_person(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        person = person_of(request)
        if person is None:
            return redirect_to_login(request.get_full_path())
        return view(request, person, *args, **kwargs)

    return with_person
