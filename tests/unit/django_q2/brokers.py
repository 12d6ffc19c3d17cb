"""Brokers for tests: one that remembers, one that is away."""

from typing import Any, ClassVar

from django_q.brokers import Broker
from django_q.signing import SignedPackage


class RememberingBroker(Broker):  # type: ignore[misc]  # untyped
    """Keeps what it is given, as workers would unpack it."""

    tasks: ClassVar[list[dict[str, Any]]] = []

    def enqueue(self, task: str) -> str:
        self.tasks.append(SignedPackage.loads(task))
        return "kept"

    def queue_size(self) -> int:
        return len(self.tasks)


class AbsentBroker(Broker):  # type: ignore[misc]  # untyped
    """Cannot be reached. What it says on the way is nobody's business."""

    def enqueue(self, task: str) -> str:
        raise ConnectionError("password swordfish refused")

    def queue_size(self) -> int:
        raise ConnectionError("password swordfish refused")
