"""Traffic: what a day brings. The same for the same seed."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator

from benchmarks.scale.queue import Arrival

DAY = 86_400.0
ZONES = (2, 5, 18, 14, 6, 4, 3, 3, 9, 8, 5, 3, 1, 1, 1, 1, 2, 4, 5, 5)
"""Per cent of people in each time zone, from the one where nine o'clock comes first, an hour apart."""

BUSIEST = 14
"""The hour of the day that brings most."""
ALONE = 0.5
"""How many notifications come one by one; the others in bursts."""
BURSTS = 12
MAILED, DIGESTED, URGENT = 0.3, 0.2, 0.05
"""Of those told: how many get a mail at once, how many in a digest; and of events, how many are urgent."""
DIGEST = 5
"""Notifications in a digest."""


def day(notifications: int, *, with_digests: bool = True, seed: int = 1) -> list[Arrival]:
    """Return the arrivals of a day, in the order of time.

    Half of the notifications come one by one, most in the afternoon; half in twelve bursts. Digests are due
    at nine o'clock, wherever their readers are.
    """
    chance = random.Random(seed)
    alone = int(notifications * ALONE)
    arrivals = [*_alone(alone, chance), *_bursts(notifications - alone, chance)]
    return sorted([*arrivals, *_digests(notifications)] if with_digests else arrivals)


def _alone(events: int, chance: random.Random) -> Iterator[Arrival]:
    hours = [1 + math.cos((hour - BUSIEST) / 24 * 2 * math.pi) + 0.1 for hour in range(24)]
    for hour in chance.choices(range(24), hours, k=events):
        at = hour * 3_600 + chance.random() * 3_600
        lane = "urgent" if chance.random() < URGENT else "normal"
        yield Arrival(at, lane, 1)
        if lane == "normal" and chance.random() < MAILED:
            yield Arrival(at, "mail", 1)


def _bursts(people: int, chance: random.Random) -> Iterator[Arrival]:
    for _ in range(BURSTS):
        at = chance.uniform(8, 20) * 3_600
        yield Arrival(at, "normal", people // BURSTS)
        yield Arrival(at, "mail", int(people // BURSTS * MAILED))


def _digests(notifications: int) -> Iterator[Arrival]:
    for hour, share in enumerate(ZONES):
        yield Arrival(hour * 3_600.0, "mail", int(notifications * DIGESTED / DIGEST * share / 100))
