"""Live: what an open page asks in order to show what has changed: a state to poll, or a stream of it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils import translation
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET, require_safe

from clarion.inbox.listing import Listing
from clarion.inbox.person import person_of
from clarion.inbox.unread import UnreadCount, unread_count
from clarion.models import InboxState
from clarion.realtime.broadcaster import get_broadcaster

OFFER = "clarion.stream"
"""Where an ASGI scope holds the offer to send a stream."""

NEWEST = 20
"""Items by which the state knows that something has arrived."""

STREAM_HEADERS = {
    "Content-Type": "text/event-stream",
    "Cache-Control": "no-store, no-transform",
    "X-Accel-Buffering": "no",  # nginx passes each event on at once
}


@dataclass
class Offer:
    """The offer of `clarion.asgi.with_streams` to send a stream in place of a response's body."""

    person_id: Any = None
    language: str = ""
    is_taken: bool = False

    def take(self, person: Model) -> None:
        """Have this person's changes sent, in the present language."""
        self.person_id, self.language, self.is_taken = person.pk, translation.get_language() or "", True

    def event(self, tag: str, unread: int) -> bytes:
        """Return a change as it is sent."""
        with translation.override(self.language):
            data = json.dumps(state_of(UnreadCount(unread), tag))
        return f"event: change\nid: {tag}\ndata: {data}\n\n".encode()


def state_of(unread: UnreadCount, tag: str) -> dict[str, Any]:
    """Return what a page needs to show the count; a list is to be fetched again when `tag` is another."""
    return {"tag": tag, "unread": unread.number, "badge": str(unread), "label": unread.label}


def stream_response(request: HttpRequest, person: Model) -> HttpResponse:
    """Return the head of the person's stream; 204, at which browsers stop asking, where none can be sent."""
    offer: Offer | None = getattr(request, "scope", {}).get(OFFER)
    if offer is None or get_broadcaster() is None:
        return HttpResponse(status=204)
    offer.take(person)
    return HttpResponse(headers=STREAM_HEADERS)


@require_GET
def stream(request: HttpRequest) -> HttpResponse:
    """Send the person's state, now and whenever it changes, as server-sent events."""
    person = person_of(request.user)
    return stream_response(request, person) if person else HttpResponse(status=403)


@require_safe
@cache_control(private=True, no_cache=True)  # browsers keep it, and ask each time whether it still holds
def state(request: HttpRequest) -> HttpResponseBase:
    """Answer with the person's state; 304 where the asker's ETag shows that nothing has changed."""
    person = person_of(request.user)
    return state_response(request, person) if person else HttpResponse(status=403)


def state_response(request: HttpRequest, person: Model) -> HttpResponseBase:
    """Return the person's state with its ETag, or 304."""
    unread = unread_count(person)
    tag = _tag_of(person, unread)
    etag = quote_etag(tag)
    answer = JsonResponse(state_of(unread, tag), headers={"ETag": etag})
    return get_conditional_response(request, etag=etag, response=answer) or answer


def _tag_of(person: Model, unread: UnreadCount) -> str:
    """Return a word that is another whenever the inbox is.

    `version` stands for what the person did, however far down. The newest items stand for what arrived, all
    of them and not the last alone: transactions may end in another order than they took their numbers, so
    that an item can appear below one that was there before.
    """
    version = InboxState.objects.filter(pk=person.pk).values_list("version", flat=True).first()
    newest = Listing().of(person).values_list("pk", "resolved_at")[:NEWEST]
    facts = (str(person.pk), translation.get_language(), version, unread.number, list(newest))
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:20]
