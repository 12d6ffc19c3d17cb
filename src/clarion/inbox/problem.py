"""A plain page for what cannot be done: what it is, and a way on."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _


def wants_json(request: HttpRequest) -> bool:
    """Whether a script asks, which needs no page around the answer."""
    return request.headers.get("Accept", "") == "application/json"


def problem_page(
    request: HttpRequest, *, status: int, title: str, text: str, next_step: str, target: str
) -> HttpResponse:
    """Return the page. `status` is the HTTP status; `next_step` is the words of a link to `target`."""
    if wants_json(request):
        return JsonResponse({"problem": f"{title}. {text}"}, status=status)
    context = {"title": title, "text": text, "next_step": next_step, "target": target}
    return render(request, "clarion/problem.html", context, status=status)


def no_such_page(request: HttpRequest) -> HttpResponse:
    """Return the page for an address or a form that was not made here."""
    return problem_page(
        request,
        status=400,
        title=_("There is no such page"),
        text=_("The address of this page is damaged, or out of date."),
        next_step=_("Begin with the newest notifications"),
        target=reverse("clarion:inbox"),
    )


def no_such_notification(request: HttpRequest) -> HttpResponse:
    """Return the same page whether it is gone, never was, or is someone else's."""
    return problem_page(
        request,
        status=404,
        title=_("There is no such notification"),
        text=_("It may have been deleted because it was old."),
        next_step=_("Go to your notifications"),
        target=reverse("clarion:inbox"),
    )
