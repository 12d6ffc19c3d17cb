"""Backoff: how long failed work waits before it is tried again."""

from __future__ import annotations

import random
from datetime import timedelta

BACKOFF = timedelta(seconds=30)
BACKOFF_LIMIT = timedelta(hours=1)


def pause_after(attempts: int) -> timedelta:
    """Return how long to wait after so many attempts: doubling, bounded, with jitter to spread a crowd."""
    return _grown(attempts) * random.uniform(0.75, 1.25)  # jitter needs no secrecy


def retry_horizon(attempts: int) -> timedelta:
    """Return the longest time that so many attempts may take, pauses only."""
    return sum((_grown(attempt) * 1.25 for attempt in range(1, attempts)), timedelta(0))


def _grown(attempts: int) -> timedelta:
    # Bounded twice, because a timedelta cannot double a hundred times.
    grown: timedelta = min(BACKOFF * 2 ** min(attempts - 1, 20), BACKOFF_LIMIT)
    return grown
