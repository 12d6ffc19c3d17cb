"""Error text: what is kept of an error, on its row."""

from __future__ import annotations

import re

TEXT_LIMIT = 4000
"""Characters of an error or a note that are kept."""

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def said_by(error: BaseException) -> str:
    """Return an error's type and message as any database can store them, whatever a handler raised."""
    try:
        message = str(error)
    except Exception as broken:  # noqa: BLE001  # its own __str__ may raise anything
        message = f"its message cannot be had: {type(broken).__name__}"
    return storable(f"{type(error).__name__}: {message}")


def storable(text: str) -> str:
    """Return the text without what PostgreSQL refuses, NUL and lone surrogates, and not endlessly long."""
    return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", text)[:TEXT_LIMIT]
