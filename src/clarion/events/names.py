"""Names that people type, and what they probably meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def closest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name most like `name`, or None if none is like it."""
    # Comparing takes time that grows with the length squared, and no known name is longer than this.
    matches = difflib.get_close_matches(name[:100], list(known), n=1)
    return matches[0] if matches else None
