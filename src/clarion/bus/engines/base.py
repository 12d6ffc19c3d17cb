"""Engine: what carries hints from the process that publishes to a worker."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import timedelta
from functools import lru_cache
from typing import Any, TypeVar

from django.core.checks import CheckMessage
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed
from django.dispatch import receiver
from django.utils.module_loading import import_string

from clarion.conf import get_settings

T = TypeVar("T")

JOB = "clarion.jobs.run"
"""Dotted path of what every engine calls, as `run(job, row_id)`. A string, because jobs sit above engines."""


class Engine(ABC):
    """Carries hints. It may lose, repeat, delay and reorder them: the rows are the truth.

    An engine declares what it can do beyond that, on the class or, where it depends on settings, when it is
    made.
    """

    works_at_once: bool = False
    """Whether `enqueue` does the work itself. Then a hint names its event, or 0 if many were published
    together, and whoever publishes waits for that alone. Otherwise it means whatever is due."""

    has_scheduler: bool = False
    """Whether it runs the relay and the clean-up by itself. If not, a supervisor must."""

    has_receipts: bool = False
    """Whether the hint of a killed worker is given to another one. If not, only the relay recovers it."""

    has_delay: bool = False
    """Whether it can hold a hint back. If not, the relay finds what has come due, at its next pass."""

    @abstractmethod
    def enqueue(self, job: str, row_id: int) -> None:
        """Have some worker call `clarion.jobs.run(job, row_id)` soon.

        Raises:
            EngineUnavailable: the broker cannot be reached.
        """

    def enqueue_later(self, job: str, row_id: int, delay: timedelta) -> None:
        """Have some worker call `clarion.jobs.run(job, row_id)` once the delay is over, if it `has_delay`.

        Raises:
            EngineUnavailable: the broker cannot be reached.
        """
        raise NotImplementedError(f"{type(self).__name__} says has_delay, and cannot")

    def backlog(self) -> int:
        """Return how many hints wait for a worker; the relay adds none to a long queue.

        Raises:
            EngineUnavailable: the broker cannot be reached.
        """
        return 0

    def call_within_limit(self, call: Callable[[], T]) -> T:
        """Call what runs a project's code: a handler, an audience, a mail's template.

        Some engines end a worker that hangs in it; others may interrupt it here.

        Raises:
            TimeLimitExceeded: it took too long.
        """
        return call()

    def install_schedules(self) -> None:  # noqa: B027  # optional: not every engine has a scheduler
        """Install the periodic jobs (relay, cleanup) on the engine's own scheduler, if it has one."""

    def check(self) -> list[CheckMessage]:
        """Return what `manage.py check` should say of the engine's own settings, with ids and hints."""
        return []


@lru_cache(maxsize=1)
def get_engine() -> Engine:
    """Return the engine that `CLARION["ENGINE"]` names.

    Raises:
        ImproperlyConfigured: the path does not lead to an engine.
    """
    path = get_settings().ENGINE
    try:
        engine = import_string(path)
    except ImportError as missing:
        raise ImproperlyConfigured(f"CLARION['ENGINE']: {path!r} cannot be imported: {missing}") from missing
    if not (isinstance(engine, type) and issubclass(engine, Engine)):
        raise ImproperlyConfigured(
            f"CLARION['ENGINE']: {path!r} is not a subclass of clarion.bus.engines.base.Engine"
        )
    return engine()


@receiver(setting_changed)
def _forget_engine(*, setting: str, **_: Any) -> None:
    if setting == "CLARION":
        get_engine.cache_clear()
