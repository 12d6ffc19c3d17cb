"""Direction: which way a text reads, and how a value of the other direction stands within it.

Without a border, punctuation at the end of "Kite Pro!" goes to the wrong side of it within Arabic text. The
border is a pair of invisible characters, as in UAX #9 and as Fluent does it; text of one direction has none.
"""

from __future__ import annotations

import re
import unicodedata

ISOLATE, END = "\u2068", "\u2069"
"""FIRST STRONG ISOLATE and POP DIRECTIONAL ISOLATE: the border."""

_ISOLATED = re.compile(f"{ISOLATE}[^{END}]*{END}?")
_BORDER = re.compile(f"[{ISOLATE}{END}]")
# What makes links of them would take the border for a part of the address.
_ENDS_WITH_LINK = re.compile(r"://\S*$")


def is_rtl(text: str) -> bool | None:
    """Return whether the text reads from right to left: its first letter says so, values aside.

    None if there is no letter.
    """
    if text.isascii():
        return False if any(map(str.isalpha, text)) else None
    for character in _ISOLATED.sub("", text):
        if (kind := unicodedata.bidirectional(character)) in ("L", "R", "AL"):
            return kind != "L"
    return None


def direction(text: str) -> str:
    """Return what HTML's `dir` should say of a text. The browser's own "auto" looks at the values too."""
    rtl = is_rtl(text)
    return "auto" if rtl is None else "rtl" if rtl else "ltr"


def isolated(value: str, *, in_rtl: bool) -> str:
    """Return the value with a border around each line that has something of the other direction.

    Args:
        in_rtl: whether the text around it reads from right to left.
    """
    if not in_rtl and value.isascii():
        return value
    return "\n".join(
        f"{ISOLATE}{line}{END}" if _is_foreign(line, in_rtl=in_rtl) else line for line in value.split("\n")
    )


def without_borders(text: str) -> str:
    """Return the text as somebody would type it."""
    return _BORDER.sub("", text)


def shortened(text: str, limit: int) -> str:
    """Return at most `limit` characters of the text. A cut is marked by "…", which counts.

    A value that is cut keeps its border.
    """
    if len(text) <= limit:
        return text
    cut = text[: limit - 1].rstrip()
    if cut.rfind(ISOLATE) <= cut.rfind(END):
        return f"{cut}…"
    return f"{text[: limit - 2].rstrip()}…{END}"


def _is_foreign(line: str, *, in_rtl: bool) -> bool:
    if _ENDS_WITH_LINK.search(line):
        return False
    kinds = {unicodedata.bidirectional(character) for character in line}
    if not in_rtl:
        return not kinds.isdisjoint({"R", "AL", "AN"})
    # After Arabic letters the parts of 2024-0001 would change places; 2024 alone has but one.
    return "L" in kinds or ("EN" in kinds and kinds.isdisjoint({"R", "AL"}) and not line.isdecimal())
