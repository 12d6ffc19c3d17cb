"""Engines for tests, named in settings by their paths."""

from datetime import timedelta
from typing import ClassVar

from clarion.bus.engines.base import Engine
from clarion.contrib.django_tasks.engine import DjangoTasksEngine
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


class PatientEngine(RecordingEngine):
    """Can hold a hint back, and notes for how long."""

    has_delay = True
    delays: ClassVar[list[timedelta]] = []

    def enqueue_later(self, job: str, row_id: int, delay: timedelta) -> None:
        self.enqueue(job, row_id)
        self.delays.append(delay)


class ImpatientEngine(DjangoTasksEngine):
    """Waits for no handler longer than it must, on a machine with much to do."""

    time_limit = timedelta(seconds=1)
