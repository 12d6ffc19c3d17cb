"""The engine of one worker in this process: hints wait in a list until somebody works."""

from __future__ import annotations

from collections import deque

from clarion.bus.engines.base import Engine
from clarion.jobs import run

_hints: deque[tuple[str, int]] = deque()


class WaitingEngine(Engine):
    """Keeps hints in memory, so that what a worker does can be measured without a broker."""

    def enqueue(self, job: str, row_id: int) -> None:
        """Keep the hint."""
        _hints.append((str(job), row_id))

    def backlog(self) -> int:
        """Return how many hints wait."""
        return len(_hints)


def work() -> None:
    """Be the worker, until nothing is left to do."""
    while _hints:
        run(*_hints.popleft())
