"""The pages: inbox, one notification, the bell's popover, news. Every look-up is the person's own."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from clarion.events import EventTypes
from clarion.exceptions import InvalidCursor
from clarion.inbox.item import Item, describe, item_page
from clarion.inbox.listing import Listing, State
from clarion.inbox.notice import notice_in
from clarion.inbox.page import SIZE_LIMIT
from clarion.inbox.person import person_required
from clarion.inbox.problem import no_such_notification, no_such_page
from clarion.inbox.query import listing_in
from clarion.inbox.service import PAGE_SIZE, NotificationService
from clarion.inbox.snooze import Preset
from clarion.inbox.unread import unread_count
from clarion.links import followable
from clarion.models import InboxState

POPOVER_SIZE = 6
NEWS_LIMIT = 99

_service = NotificationService()


@require_safe
@never_cache
@person_required
def inbox(request: HttpRequest, person: Model) -> HttpResponse:
    """List the person's notifications, newest first.

    `state`, `category` and `q` narrow the list, `cursor` leads on, `size` is how many items a page holds,
    1 to 100. `fragment=1` leaves out all but the list, and `ids` all but these.
    """
    cursor = request.GET.get("cursor", "")
    try:
        listing = listing_in(request.GET)
        page = item_page(person, listing, cursor, _size_in(request))
    except InvalidCursor:
        return no_such_page(request)
    here = _here(request)
    context = {
        "listing": listing,
        "items": [*_back(person, listing, cursor, page.items), *page.items],
        "next_cursor": page.next_cursor,
        "is_first_page": not cursor,
        "presets": Preset.choices,
        "unread": unread_count(person),
        "here": here,
        "list_url": here,
    }
    if request.GET.get("fragment") == "1":
        return render(request, "clarion/feed.html", context)
    state = InboxState.objects.filter(person=person.pk).first()
    context |= {
        "states": State.choices,
        "categories": EventTypes.categories,
        "notice": notice_in(request),
        "has_shortcuts": state is None or state.single_key_shortcuts,
    }
    return render(request, "clarion/inbox.html", context)


@require_safe
@never_cache
@person_required
def open_notification(request: HttpRequest, person: Model, notification_id: int) -> HttpResponse:
    """Go where a notification leads, or show it where it leads nowhere; to open it is to read it."""
    notification = _service.get_notification(notification_id, person)
    if notification is None:
        return no_such_notification(request)
    if _is_opened_by_hand(request):
        _service.mark_read(person, notification_id)
    if link := followable(notification.link):
        return HttpResponseRedirect(link)
    notification.is_read = True
    item = Item([notification])
    describe(person, [item])
    context = {"item": item, "presets": Preset.choices, "here": reverse("clarion:inbox")}
    return render(request, "clarion/notification.html", context)


@require_safe
@never_cache
@person_required
def popover(request: HttpRequest, person: Model) -> HttpResponse:
    """Return what the bell shows: the latest items, and the way to all of them."""
    context = {
        "items": item_page(person, Listing(), "", POPOVER_SIZE).items,
        "listing": Listing(),
        "unread": unread_count(person),
        "presets": Preset.choices,
        "here": reverse("clarion:inbox"),
        "list_url": f"{reverse('clarion:inbox')}?size={POPOVER_SIZE}",
    }
    return render(request, "clarion/popover.html", context)


@require_safe
@never_cache
@person_required
def news(request: HttpRequest, person: Model) -> HttpResponse:
    """Say how many notifications came after the one that `after` names, in the list that is shown."""
    after = request.GET.get("after", "")
    try:
        listing = listing_in(request.GET)
    except InvalidCursor:
        return no_such_page(request)
    if not (after.isascii() and after.isdigit() and len(after) < 19):
        return no_such_page(request)
    count = listing.of(person).filter(pk__gt=int(after))[: NEWS_LIMIT + 1].count()
    if count > NEWS_LIMIT:
        text = _("More than %(limit)d new notifications") % {"limit": NEWS_LIMIT}
    else:
        text = ngettext("%(count)d new notification", "%(count)d new notifications", count) % {"count": count}
    return JsonResponse({"count": count, "text": text if count else ""})


def _back(person: Model, listing: Listing, cursor: str, shown: Sequence[Item]) -> list[Item]:
    """Return what is back from a snooze and not on this page anyway: it would be missed far down the list."""
    if cursor or listing not in (Listing(), Listing(State.UNREAD)):
        return []
    present = {notification.pk for item in shown for notification in item.notifications}
    items = [Item([row]) for row in _service.get_woken_notifications(person) if row.pk not in present]
    if items:
        describe(person, items)
    return items


def _here(request: HttpRequest) -> str:
    """Return this page's address without what belongs to one view of it."""
    query = request.GET.copy()
    for name in ("fragment", "ids", "done", "count", "undo"):
        query.pop(name, None)
    return f"{request.path}?{query.urlencode()}" if query else request.path


def _is_opened_by_hand(request: HttpRequest) -> bool:
    """Tell a person's visit from a browser that reads ahead, and from an image that names our address."""
    if request.method != "GET" or "prefetch" in request.headers.get(
        "Sec-Purpose", request.headers.get("Purpose", "")
    ):
        return False
    return request.headers.get("Sec-Fetch-Dest", "document") in ("document", "empty")


def _size_in(request: HttpRequest) -> int:
    text = request.GET.get("size", str(PAGE_SIZE))
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise InvalidCursor("size", "text", f"1 to {SIZE_LIMIT}", "leave it out")
    return int(text)
