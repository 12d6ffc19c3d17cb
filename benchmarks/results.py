"""Results: what was measured, what it is compared with, and what was hoped for. Plain values, for JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Self

OURS = "ours"


@dataclass(frozen=True)
class Goal:
    """How ours should stand to another contender: the ratio of the medians.

    Attributes:
        against: the other contender.
        ratio: ours divided by theirs.
        at_least: whether the ratio should be reached; if not, it should not be exceeded.
    """

    against: str
    ratio: float
    at_least: bool = True

    def __str__(self) -> str:
        return f"{'≥' if self.at_least else '≤'} {self.ratio:g} × {self.against}"  # noqa: RUF001  # the sign for "times"

    def is_met(self, ratio: float) -> bool:
        """Whether a measured ratio is good enough."""
        return ratio >= self.ratio if self.at_least else ratio <= self.ratio


@dataclass
class Result:
    """One figure on one database.

    Attributes:
        name: one word, the same in every run.
        title: what was measured, for the page.
        database: on which kind.
        unit: of every sample.
        samples: by contender, one value for each round; "ours" is Clarion.
        peer: the contender in the closing line's `peer`; "" if none does the same work.
        limit: the same for `limit`.
        goals: what was hoped for.
        notes: what one must know to read the figures.
        detail: further lines for the page, as Markdown, such as a profile.
        load: of the machine when the measuring began, over one minute.
    """

    name: str
    title: str
    database: str
    unit: str
    samples: dict[str, list[float]] = field(default_factory=dict)
    peer: str = ""
    limit: str = ""
    goals: Sequence[Goal] = ()
    notes: list[str] = field(default_factory=list)
    detail: str = ""
    load: float = 0.0

    @classmethod
    def of(cls, values: dict[str, Any]) -> Self:
        """Return the result that `dataclasses.asdict` made these values of."""
        return cls(**{**values, "goals": tuple(Goal(**goal) for goal in values["goals"])})

    def median(self, contender: str) -> float:
        """Return the middle one of a contender's samples."""
        return median(self.samples[contender])

    def spread(self, contender: str) -> float:
        """Return how far the samples lie apart: half their range, as a share of their median."""
        samples = self.samples[contender]
        return (max(samples) - min(samples)) / 2 / self.median(contender) if self.median(contender) else 0.0

    def ratio(self, against: str) -> float | None:
        """Return ours divided by theirs, of the medians; None if they were not measured."""
        if against not in self.samples or not self.median(against):
            return None
        return self.median(OURS) / self.median(against)

    def verdicts(self) -> list[tuple[Goal, float, bool]]:
        """Return each goal whose contender was measured, with the ratio and whether it is met."""
        measured = [(goal, self.ratio(goal.against)) for goal in self.goals]
        return [(goal, ratio, goal.is_met(ratio)) for goal, ratio in measured if ratio is not None]
