"""Notice: what a page says of the change that led to it, and how to take the change back."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import urlsplit, urlunsplit

from django.http import HttpRequest, HttpResponseRedirect, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

PARAMETERS = ("done", "count", "undo")
"""What a page's address says of the change that led to it."""

_TEXTS: dict[str, Callable[[int], str]] = {
    "read": lambda n: ngettext("Marked as read.", "%(count)d notifications marked as read.", n),
    "unread": lambda n: ngettext("Marked as unread.", "%(count)d notifications marked as unread.", n),
    "archive": lambda n: ngettext("Archived.", "%(count)d notifications archived.", n),
    "unarchive": lambda n: ngettext(
        "Back in the inbox.", "%(count)d notifications are back in the inbox.", n
    ),
    "snooze": lambda n: ngettext("Snoozed.", "%(count)d notifications snoozed.", n),
    "unsnooze": lambda n: ngettext("Back in the inbox.", "%(count)d notifications are back in the inbox.", n),
    "seen": lambda n: ngettext("Seen.", "%(count)d notifications seen.", n),
    "nothing": lambda _n: _("There was nothing to change."),
    "undone": lambda _n: _("Undone."),
    "off": lambda _n: _("You will hear no more of this kind."),
    "on": lambda _n: _("You will hear of this kind again."),
    "mute": lambda _n: _("Muted. You will hear no more of this, unless everyone concerned must be told."),
    "unmute": lambda _n: _("No longer muted."),
    "keys-on": lambda _n: _("Single-key shortcuts are on."),
    "keys-off": lambda _n: _("Single-key shortcuts are off."),
    "saved": lambda _n: _("Your choices are saved."),
}


class Notice(NamedTuple):
    """A change by its name, how much it changed, and the token that takes it back; "" where nothing does."""

    done: str
    number: int = 1
    undo: str = ""

    def __str__(self) -> str:
        text = _TEXTS[self.done](self.number)
        return text % {"count": self.number} if "%(count)d" in text else text


def redirect_with(target: str, notice: Notice) -> HttpResponseRedirect:
    """Redirect to a page of ours that says so, because its address does."""
    parts = urlsplit(target)
    query = QueryDict(parts.query, mutable=True)
    for name in PARAMETERS:
        query.pop(name, None)
    query.update({"done": notice.done, "count": str(notice.number)})
    if notice.undo:
        query["undo"] = notice.undo
    return HttpResponseRedirect(urlunsplit(parts._replace(query=query.urlencode())))


def notice_in(request: HttpRequest) -> Notice | None:
    """Return the notice that the page's address asks for; None if it asks for none we know."""
    done, count = request.GET.get("done", ""), request.GET.get("count", "1")
    if done not in _TEXTS or not (count.isascii() and count.isdigit() and len(count) < 10):
        return None
    return Notice(done, int(count), request.GET.get("undo", ""))
