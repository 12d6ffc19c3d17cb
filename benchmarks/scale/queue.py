"""Queue: a day of work and some workers, simulated: how long does each piece wait?

Workers take what `clarion.lanes.work` would: what is urgent first, people before mails, a batch at a time,
and nothing is taken from a worker that has begun it.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from operator import attrgetter
from statistics import quantiles
from typing import NamedTuple

from benchmarks.scale.model import Costs

CHUNK = 2_000
"""People in a batch: `clarion.notifiers.notify.CHUNK`."""

TOGETHER = 100
"""Events that are taken together: `clarion.delivery.batches.TOGETHER`."""

MAILS = 400
"""Mails in a batch, as large as it grows: `clarion.delivery.sender.LARGEST_BATCH`."""

LANES = ("urgent", "normal", "mail")


class Arrival(NamedTuple):
    """An event that is published at some second of the day, or mails that come due."""

    at: float
    lane: str
    people: int


class Waits(NamedTuple):
    """How long people and mails waited for a worker, in seconds."""

    number: int
    median: float
    p95: float
    longest: float


class Day(NamedTuple):
    """How the day went."""

    waits: Mapping[str, Waits]
    busy: float
    """The share of the workers' time that was work."""


def simulated(
    arrivals: Iterable[Arrival], costs: Costs, workers: int, outage: tuple[float, float] = (0.0, 0.0)
) -> Day:
    """Play a day.

    Args:
        arrivals: in the order of time.
        outage: from when to when no mail can be sent.
    """
    pieces = sorted(_pieces(arrivals, costs, outage), key=attrgetter("due"))
    free = [0.0] * workers
    waiting: list[_Piece] = []
    waits: dict[str, list[float]] = defaultdict(list)
    worked, position = 0.0, 0
    while position < len(pieces) or waiting:
        now = free[0] if waiting else max(free[0], pieces[position].due)
        while position < len(pieces) and pieces[position].due <= now:
            heapq.heappush(waiting, pieces[position])
            position += 1
        taken = _take(waiting)
        takes = taken[0].takes + costs.together * (len(taken) - 1)
        for piece in taken:
            waits[LANES[piece.rank]] += [now - piece.due] * piece.number
        heapq.heapreplace(free, now + takes)
        worked += takes
    span = max(free) or 1.0
    return Day({lane: described(waits[lane]) for lane in LANES if waits[lane]}, worked / (span * workers))


class _Piece(NamedTuple):
    rank: int
    due: float
    number: int
    takes: float


def _take(waiting: list[_Piece]) -> list[_Piece]:
    """Take what comes first, and with an event to one person others like it."""
    taken = [heapq.heappop(waiting)]
    while (
        taken[0].number == 1
        and LANES[taken[0].rank] != "mail"
        and len(taken) < TOGETHER
        and waiting
        and waiting[0][0] == taken[0].rank
        and waiting[0].number == 1
    ):
        taken.append(heapq.heappop(waiting))
    return taken


def _pieces(arrivals: Iterable[Arrival], costs: Costs, outage: tuple[float, float]) -> Iterator[_Piece]:
    began, ended = outage
    for at, lane, people in arrivals:
        size, rank = MAILS if lane == "mail" else CHUNK, LANES.index(lane)
        due = ended if lane == "mail" and began <= at < ended else at
        once = 0.0 if lane == "mail" else costs.seconds.event
        each = costs.mail if lane == "mail" else costs.seconds.person
        for first in range(0, people, size):
            number = min(size, people - first)
            yield _Piece(rank, due, number, once + each * number)
            once = 0.0


def described(waits: list[float]) -> Waits:
    """Return the figures by which waits are compared."""
    cuts = quantiles(waits, n=20, method="inclusive") if len(waits) > 1 else waits * 19
    return Waits(len(waits), cuts[9], cuts[18], max(waits))
