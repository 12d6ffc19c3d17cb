"""Query: which notifications an address or a form asks for."""

from __future__ import annotations

from django.http import QueryDict

from clarion.exceptions import InvalidCursor
from clarion.inbox.listing import Listing, State

SEARCH_LIMIT = 200
"""Characters that are searched for."""

IDS_LIMIT = 1000
"""Notifications that are named one by one."""


def listing_in(query: QueryDict) -> Listing:
    """Return the listing that an address or a form asks for.

    Raises:
        InvalidCursor: there is no such state, or the ids are none.
    """
    state, ids = query.get("state", State.ALL.value), query.get("ids", "")
    if state not in State.values:
        raise InvalidCursor("state", "an unknown one", ", ".join(State.values), "leave it out")
    search = query.get("q", "")[:SEARCH_LIMIT]
    return Listing(State(state), query.get("category", ""), search, ids_in(ids) if ids else ())


def ids_in(text: str) -> tuple[int, ...]:
    """Return the ids that a form's or an address's text holds.

    Raises:
        InvalidCursor: it holds something else, or too many.
    """
    words = text.split(",")
    if len(words) > IDS_LIMIT or not all(
        word.isascii() and word.isdigit() and len(word) < 40 for word in words
    ):
        raise InvalidCursor("ids", "something else", f"up to {IDS_LIMIT} numbers", "take them from the page")
    return tuple(map(int, words))
