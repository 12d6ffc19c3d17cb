"""Page: a slice of a list that grows at its head, found again by key and not by number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, NamedTuple, TypeVar

from django.db.models import Model, QuerySet

from clarion.exceptions import InvalidCursor

M = TypeVar("M", bound=Model)
T = TypeVar("T")

SIZE_LIMIT = 100


class Page(NamedTuple, Generic[T]):
    """Some of a list, newest first. `next_cursor` leads on to older ones; "" at the end."""

    items: Sequence[T]
    next_cursor: str


def page_of(rows: QuerySet[M], cursor: str, size: int) -> Page[M]:
    """Return the page that `cursor` leads to, in one query at a cost that does not grow with its depth.

    Args:
        cursor: "" for the first page, else a page's `next_cursor`.
        size: rows on a page, 1 to 100.

    Raises:
        InvalidCursor: the cursor was not made here, or the size is out of range.
    """
    if not 1 <= size <= SIZE_LIMIT:
        raise InvalidCursor("size", str(size), f"1 to {SIZE_LIMIT}", "leave it out")
    if cursor:
        rows = rows.filter(pk__lt=_key(cursor))
    found = list(rows.order_by("-pk")[: size + 1])
    items = found[:size]
    return Page(items, str(items[-1].pk) if len(found) > size else "")


def _key(cursor: str) -> int:
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 19):
        raise InvalidCursor(
            "cursor", "text that no page gave", "a page's next_cursor", "begin at the first page"
        )
    return int(cursor)
