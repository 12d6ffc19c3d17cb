"""The person behind a request: whose notifications these are."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ImproperlyConfigured, ObjectDoesNotExist
from django.db.models import ForeignKey, Model, OneToOneField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.urls import reverse
from django.utils.translation import gettext as _

from clarion.inbox.problem import problem_page
from clarion.models.person import get_person_model

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, Model, P], HttpResponse]


def person_of(user: AbstractBaseUser | AnonymousUser) -> Model | None:
    """Return the person whom Clarion tells of things when it tells this user; None where there is none.

    At most one query, and none where the user is the person or the project has loaded the person already.

    Raises:
        ImproperlyConfigured: `CLARION_PERSON_MODEL` has no relation to the user model.
    """
    if isinstance(user, AnonymousUser):
        return None
    person_model = get_person_model()
    if person_model._meta.concrete_model is get_user_model()._meta.concrete_model:
        return user
    link = _link_to_user(person_model)
    if isinstance(link, OneToOneField) and not link.remote_field.hidden:
        return _related(user, str(link.remote_field.get_accessor_name()))
    return person_model._default_manager.filter(**{link.name: user}).order_by("pk").first()


def person_required(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Hand the person to the view as its second argument; visitors are sent to the login page.

    A user who is nobody's person gets a page that says so.
    """

    @wraps(view)
    def with_person(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not request.user.is_authenticated:
            # What a form asks for cannot be asked again by following a redirect.
            back = request.get_full_path() if request.method in ("GET", "HEAD") else reverse("clarion:inbox")
            return redirect_to_login(back)
        person = person_of(request.user)
        if person is None:
            return _nobody(request)
        return view(request, person, *args, **kwargs)

    return with_person


def _link_to_user(person_model: type[Model]) -> ForeignKey[Model]:
    user_model = get_user_model()
    links: list[ForeignKey[Model]] = [
        field
        for field in person_model._meta.get_fields()
        if isinstance(field, ForeignKey) and field.related_model is user_model
    ]
    # A one-to-one relation names one person; a foreign key may be, say, who created the row.
    links.sort(key=lambda link: not isinstance(link, OneToOneField))
    if not links:
        raise ImproperlyConfigured(
            f"CLARION_PERSON_MODEL: {person_model._meta.label} has no relation to {user_model._meta.label}; "
            f"add a OneToOneField to it, so that pages can find the person who is signed in"
        )
    return links[0]


def _related(user: Model, accessor: str) -> Model | None:
    try:
        person: Model = getattr(user, accessor)
    except ObjectDoesNotExist:
        return None
    return person


def _nobody(request: HttpRequest) -> HttpResponse:
    return problem_page(
        request,
        status=403,
        title=_("This account gets no notifications"),
        text=_("You are signed in, but nobody whom this site notifies belongs to your account."),
        next_step=_("Sign in with another account"),
        target=resolve_url(settings.LOGIN_URL),
    )
