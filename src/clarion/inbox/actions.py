"""What the pages' buttons do: POST alone, for forms and for scripts alike."""

from __future__ import annotations

from collections.abc import Callable

from django.db.models import Model
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from clarion.events import EventTypes
from clarion.exceptions import InvalidCursor
from clarion.inbox.change import Action, Change
from clarion.inbox.choices import FOLLOW, choose
from clarion.inbox.item import subject_of
from clarion.inbox.listing import Listing
from clarion.inbox.notice import Notice, redirect_with
from clarion.inbox.person import person_required
from clarion.inbox.problem import no_such_notification, no_such_page, problem_page, wants_json
from clarion.inbox.query import ids_in, listing_in
from clarion.inbox.service import MARKS, NotificationService, Selection
from clarion.inbox.snooze import moment_of, zone_of
from clarion.models import AppNotification, InboxState, NotificationPreference

CHOICE, MUTE = "choice", "mute"
"""What the tokens begin with that take back other things than changes of notifications."""

_service = NotificationService()


@require_POST
@person_required
def change(request: HttpRequest, person: Model) -> HttpResponse:
    """Do what `action` says to the notifications of `ids`, or with `all=1` to those of the listing.

    Actions: read, unread, seen, archive, unarchive, unsnooze; snooze, until `until`; off, which turns
    their event type off; mute and unmute, for their subject.
    """
    try:
        which = listing_in(request.POST) if "all" in request.POST else ids_in(request.POST.get("ids", ""))
    except InvalidCursor:
        return no_such_page(request)
    action, _colon, until = request.POST.get("action", "").partition(":")
    if mark := MARKS.get(action):
        return _changed(request, person, which, mark(_service, person, which))
    if action == Action.SNOOZE:
        zone = zone_of(person, request.POST.get("zone", ""))
        moment = moment_of(until or request.POST.get("until", ""), zone)
        if moment is None:
            return _no_such_moment(request)
        return _changed(request, person, which, _service.snooze(person, which, moment))
    if action in _SETTINGS and isinstance(which, tuple):
        notification = _service.get_notification(which[0], person)
        return (
            _SETTINGS[action](request, person, notification)
            if notification
            else no_such_notification(request)
        )
    return no_such_page(request)


@require_POST
@person_required
def undo(request: HttpRequest, person: Model) -> HttpResponse:
    """Take back the change that `undo` names."""
    token = request.POST.get("undo", "")
    kind, _dot, rest = token.partition(".")
    if kind == CHOICE:
        event_type, _dot, choice = rest.rpartition(".")
        if not _is_choice(event_type, choice):
            return no_such_page(request)
        choose(person, event_type, choice)
    elif kind == MUTE:
        _service.unmute(person, rest)
    else:
        try:
            _service.undo(person, Change.of_token(token))
        except InvalidCursor:
            return no_such_page(request)
    return answer(request, Notice("undone"))


@require_POST
@person_required
def unmute(request: HttpRequest, person: Model) -> HttpResponse:
    """Let the person hear of `subject` again."""
    done = _service.unmute(person, request.POST.get("subject", ""))
    return answer(request, Notice("unmute" if done else "nothing"))


@require_POST
@person_required
def shortcuts(request: HttpRequest, person: Model) -> HttpResponse:
    """Turn the keyboard's single-key shortcuts on or off, as `on` says."""
    is_on = request.POST.get("on") == "1"
    InboxState.objects.update_or_create(pk=person.pk, defaults={"single_key_shortcuts": is_on})
    return answer(request, Notice("keys-on" if is_on else "keys-off"))


def answer(request: HttpRequest, notice: Notice) -> HttpResponse:
    """Say what was done: to a script at once, to a form on the page it came from."""
    if wants_json(request):
        return JsonResponse({"notice": str(notice), "undo": notice.undo, "count": notice.number})
    target = request.POST.get("next", "")
    hosts = {request.get_host()}
    if not url_has_allowed_host_and_scheme(target, hosts, require_https=request.is_secure()):
        target = reverse("clarion:inbox")
    return redirect_with(target, notice)


def _changed(request: HttpRequest, person: Model, which: Selection, change: Change) -> HttpResponse:
    if change:
        return answer(request, Notice(change.action.value, change.count, change.token))
    if not isinstance(which, Listing) and not _service.has_any(person, which):
        return no_such_notification(request)
    return answer(request, Notice("nothing", 0))


def _turn_off(request: HttpRequest, person: Model, notification: AppNotification) -> HttpResponse:
    name = notification.event_type
    if not _is_choice(name, NotificationPreference.Type.NONE):
        return problem_page(
            request,
            status=400,
            title=_("This cannot be turned off"),
            text=_("Everyone concerned must be told."),
            next_step=_("Go to your notifications"),
            target=reverse("clarion:inbox"),
        )
    before = choose(person, name, NotificationPreference.Type.NONE)
    return answer(request, Notice("off", undo=f"{CHOICE}.{name}.{before}"))


def _turn_on(request: HttpRequest, person: Model, notification: AppNotification) -> HttpResponse:
    name = notification.event_type
    if not _is_choice(name, FOLLOW):
        return no_such_page(request)
    stored = NotificationPreference.objects.filter(person=person.pk).first()
    category = stored.for_category(EventTypes.get(name).category.name) if stored else None
    is_off_as_a_whole = category == NotificationPreference.Type.NONE
    before = choose(person, name, NotificationPreference.Type.BOTH if is_off_as_a_whole else FOLLOW)
    return answer(request, Notice("on", undo=f"{CHOICE}.{name}.{before}"))


def _mute(request: HttpRequest, person: Model, notification: AppNotification) -> HttpResponse:
    subject = subject_of(notification)
    if not subject:
        return no_such_page(request)
    is_new = _service.mute(person, subject, notification.title)
    return answer(request, Notice("mute", undo=f"{MUTE}.{subject}") if is_new else Notice("nothing"))


def _unmute(request: HttpRequest, person: Model, notification: AppNotification) -> HttpResponse:
    done = _service.unmute(person, subject_of(notification))
    return answer(request, Notice("unmute" if done else "nothing"))


_SETTINGS: dict[str, Callable[[HttpRequest, Model, AppNotification], HttpResponse]] = {
    "off": _turn_off,
    "on": _turn_on,
    "mute": _mute,
    "unmute": _unmute,
}
"""What is done to the event type or the subject of a notification, rather than to the notification."""


def _is_choice(event_type: str, choice: str) -> bool:
    if event_type not in EventTypes or EventTypes.get(event_type).mandatory:
        return False
    return choice == FOLLOW or choice in NotificationPreference.Type.values


def _no_such_moment(request: HttpRequest) -> HttpResponse:
    return problem_page(
        request,
        status=400,
        title=_("This moment cannot be chosen"),
        text=_("Choose a date and time to come, within a year."),
        next_step=_("Go to your notifications"),
        target=reverse("clarion:inbox"),
    )
