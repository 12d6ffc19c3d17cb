"""The words of the pages, in the language of the setting in which a story is played."""

from __future__ import annotations

from django.utils.translation import gettext, ngettext


def said(text: str, **values: object) -> str:
    """Return what the page says for a text that the source has in English."""
    return gettext(text) % values


def counted(one: str, many: str, count: int) -> str:
    """Return what the page says for a text with a count."""
    return ngettext(one, many, count) % {"count": count}


def unread(count: int) -> str:
    """Return what the bell says for those who do not see its badge."""
    return counted("Notifications, %(count)d unread", "Notifications, %(count)d unread", count)
