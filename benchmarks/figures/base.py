"""Figure: one thing that is measured, on each of its databases."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence

from benchmarks.bench import Bench
from benchmarks.results import Result

BOTH = ("postgres", "sqlite")


class Figure(ABC):
    """Measures in a process and a database of its own. What it returns may be several results.

    Attributes:
        name: for `make bench FIGURE=…`.
        engine: the project's engine: `waiting`, `q2-orm` or `q2-redis`.
        databases: on which it is measured.
        rounds: how often each contender has its turn, where nobody says otherwise; fewer where they are long.
    """

    name: str
    engine: str = "waiting"
    databases: Sequence[str] = BOTH
    rounds: int = 3

    def absence(self) -> str:
        """Return why it cannot be measured yet; "" if it can."""
        return ""

    @abstractmethod
    def measure(self, bench: Bench) -> Iterator[Result]:
        """Measure. The database is there, and empty."""
