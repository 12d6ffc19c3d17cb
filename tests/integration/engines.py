"""Engines for tests, named in settings by their paths."""

from typing import ClassVar

from clarion.bus.engines.base import Engine
from clarion.exceptions import EngineUnavailable


class RecordingEngine(Engine):
    """Notes every hint and acts on none."""

    hints: ClassVar[list[tuple[str, int]]] = []
    waiting: ClassVar[int] = 0

    def enqueue(self, job: str, row_id: int) -> None:
        self.hints.append((str(job), row_id))

    def backlog(self) -> int:
        return self.waiting


class BrokenEngine(Engine):
    """Its broker is away."""

    def enqueue(self, job: str, row_id: int) -> None:
        raise EngineUnavailable("the broker does not answer")

    def backlog(self) -> int:
        raise EngineUnavailable("the broker does not answer")
