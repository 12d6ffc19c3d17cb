"""Names that people type, and what they probably meant."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable


def is_name(value: object, pattern: re.Pattern[str]) -> bool:
    """Return whether the value is text, all of which the pattern matches."""
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def closest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name most like `name`, or None if none is like it."""
    # Comparing takes time that grows with the length squared, and no known name is longer than this.
    matches = difflib.get_close_matches(name[:100], list(known), n=1)
    return matches[0] if matches else None
