"""The pages: inbox and preferences. GET changes nothing; every look-up is the person's own."""

from __future__ import annotations

from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clarion.exceptions import InvalidCursor
from clarion.inbox.listing import Listing, State
from clarion.inbox.notice import Notice, notice_in, redirect_with
from clarion.inbox.page import SIZE_LIMIT
from clarion.inbox.person import person_required
from clarion.inbox.preference_form import PreferenceForm
from clarion.inbox.problem import problem_page
from clarion.inbox.service import PAGE_SIZE, NotificationService
from clarion.inbox.unread import unread_count
from clarion.models.person import email_of

_service = NotificationService()


@require_safe
@never_cache
@person_required
def inbox(request: HttpRequest, person: Model) -> HttpResponse:
    """List the person's notifications, newest first.

    `unread=1` leaves out the others, `cursor` leads on, `size` is how many a page holds, 1 to 100.
    """
    unread_only = request.GET.get("unread") == "1"
    cursor = request.GET.get("cursor", "")
    try:
        listing = Listing(State.UNREAD if unread_only else State.ALL)
        page = _service.get_notifications(person, listing, cursor, _size_in(request))
    except InvalidCursor:
        return _bad_page(request)
    context = {
        "page": page,
        "unread_only": unread_only,
        "unread": unread_count(person),
        "is_first_page": not cursor,
        "here": request.get_full_path(),
        "notice": notice_in(request),
    }
    return render(request, "clarion/inbox.html", context)


@require_POST
@person_required
def mark_read(request: HttpRequest, person: Model, notification_id: int) -> HttpResponse:
    """Mark one of the person's notifications as read."""
    if not _service.mark_notification_as_read(notification_id, person):
        return _no_such_notification(request)
    return redirect_with(request, _way_back(request), Notice.READ)


@require_POST
@person_required
def mark_all_read(request: HttpRequest, person: Model) -> HttpResponse:
    """Mark all of the person's notifications as read."""
    _service.mark_all_as_read(person)
    return redirect_with(request, _way_back(request), Notice.ALL_READ)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@person_required
def preferences(request: HttpRequest, person: Model) -> HttpResponse:
    """Show where the person is told of what, or save what they chose."""
    form = PreferenceForm(person, request.POST if request.method == "POST" else None)
    if form.is_valid():
        form.save()
        return redirect_with(request, reverse("clarion:preferences"), Notice.SAVED)
    context = {"form": form, "has_address": bool(email_of(person)), "notice": notice_in(request)}
    return render(request, "clarion/preferences.html", context, status=400 if form.is_bound else 200)


def _size_in(request: HttpRequest) -> int:
    text = request.GET.get("size", str(PAGE_SIZE))
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise InvalidCursor("size", "text", f"1 to {SIZE_LIMIT}", "leave it out")
    return int(text)


def _way_back(request: HttpRequest) -> str:
    target = request.POST.get("next", "")
    hosts = {request.get_host()}
    if url_has_allowed_host_and_scheme(target, hosts, require_https=request.is_secure()):
        return target
    return reverse("clarion:inbox")


def _bad_page(request: HttpRequest) -> HttpResponse:
    return problem_page(
        request,
        status=400,
        title=_("There is no such page"),
        text=_("The address of this page is damaged, or out of date."),
        next_step=_("Begin with the newest notifications"),
        target=reverse("clarion:inbox"),
    )


def _no_such_notification(request: HttpRequest) -> HttpResponse:
    # The same words whether it is gone, never was, or is someone else's.
    return problem_page(
        request,
        status=404,
        title=_("There is no such notification"),
        text=_("It may have been deleted because it was old."),
        next_step=_("Go to your notifications"),
        target=reverse("clarion:inbox"),
    )
