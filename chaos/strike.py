"""Strike: when a fault struck, and which mails that were accepted twice it explains."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

TOLERANCE = 2.0
"""Seconds between a strike and the acceptance of a mail that it explains. Whoever sends it may notice only as
it commits, and one message takes 1.6 s at the most: `clarion.delivery.session.SHARE_OF_LEASE` of 4 s."""


class Strike(NamedTuple):
    """From when to when something was struck, on the monotonic clock: one moment, unless it lasted."""

    began: float
    ended: float
    window: int
    """How many mails may have been between accept and commit."""

    def is_near(self, moment: float) -> bool:
        """Whether a mail that was accepted at this moment may have been struck."""
        return self.began - TOLERANCE <= moment <= self.ended + TOLERANCE


def explained(moments: Iterable[float], strikes: Iterable[Strike]) -> int:
    """Return how many of these moments some strike explains; none explains more than its window."""
    open_windows = sorted(
        (strike for strike in strikes for _ in range(strike.window)), key=lambda strike: strike.ended
    )
    count = 0
    # The earliest moment takes the window that closes first, which leaves the most to the others.
    for moment in sorted(moments):
        near = next((strike for strike in open_windows if strike.is_near(moment)), None)
        if near:
            open_windows.remove(near)
            count += 1
    return count


class Record:
    """Keeps when a run was struck."""

    def __init__(self, marks: Path) -> None:
        """`marks` is a folder where each strike at a point of the pipeline leaves a file."""
        self.window_at_points = 0
        """How many mails may be between accept and commit when such a point is struck."""
        self.began: float | None = None
        """When the first strike began that was said; not those at points."""
        self._marks = marks
        self._said: list[Strike] = []

    @contextmanager
    def striking(self, window: int, aftermath: float) -> Iterator[None]:
        """Keep a strike that lasts as long as the block, and so many seconds after it."""
        began = time.monotonic()
        self.began = began if self.began is None else self.began
        try:
            yield
        finally:
            self._said.append(Strike(began, time.monotonic() + aftermath, window))

    def strikes(self) -> list[Strike]:
        """Return all that have ended."""
        since = time.monotonic() - time.time()
        marks = [since + path.stat().st_mtime for path in self._marks.iterdir()]
        return [*self._said, *(Strike(mark, mark, self.window_at_points) for mark in marks)]
