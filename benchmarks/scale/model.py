"""Model: what an event to some people costs, as a line through what was measured."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Line(NamedTuple):
    """A cost that has a part for each event and a part for each person."""

    event: float
    person: float

    def at(self, people: int) -> float:
        """Return the cost of an event to so many people."""
        return self.event + self.person * people


class Costs(NamedTuple):
    """What an event costs."""

    seconds: Line
    """Of a worker, if it is alone."""
    log: Line
    """Bytes of write-ahead log."""
    stored: Line
    """Bytes, with indexes."""
    together: float
    """Seconds of a worker for an event to one person, one of many that wait."""
    mail: float
    """Seconds of a worker for a mail."""


def fitted(measured: Mapping[int, float]) -> Line:
    """Return the line with the least sum of squared relative errors.

    Args:
        measured: the cost of one event, by how many people it was for; at least two numbers of people.
    """
    # Relative, or an event for one person would weigh nothing beside one for thousands.
    weighted = [(1 / cost**2, people, cost) for people, cost in measured.items()]
    total = sum(weight for weight, _, _ in weighted)
    mean_people = sum(weight * people for weight, people, _ in weighted) / total
    mean_cost = sum(weight * cost for weight, _, cost in weighted) / total
    spread = sum(weight * (people - mean_people) ** 2 for weight, people, _ in weighted)
    joint = sum(weight * (people - mean_people) * (cost - mean_cost) for weight, people, cost in weighted)
    person = joint / spread
    return Line(mean_cost - person * mean_people, person)
