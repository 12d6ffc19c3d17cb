"""The Tasks engine: hints travel through the default backend of Django's Tasks framework."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from django.apps import apps
from django.core.checks import CheckMessage
from django.utils import timezone

from clarion.bus.engines.base import Engine
from clarion.contrib.django_tasks.checks import check_backend
from clarion.contrib.django_tasks.framework import DEFAULT_TASK_BACKEND_ALIAS, task_backends
from clarion.contrib.django_tasks.time_limit import call_within
from clarion.exceptions import EngineUnavailable

T = TypeVar("T")

# The task is imported where it is used: its definition alone fails if the backend has no queue for it, and
# then the check must still be able to say so.
TASK = "clarion.contrib.django_tasks.tasks.run_job"


class DjangoTasksEngine(Engine):
    """Works with any backend. The framework has no schedules, no retries, no receipts and no time limits."""

    time_limit: timedelta = timedelta(seconds=240)
    """How long a handler, an audience or the making of a mail may take: much longer than a job goes on, as in
    Django-Q2's preset."""

    def enqueue(self, job: str, row_id: int) -> None:
        """Enqueue a task that carries the job's name and a primary key.

        Raises:
            EngineUnavailable: the backend cannot be reached.
        """
        self._enqueue(job, row_id)

    def enqueue_later(self, job: str, row_id: int, delay: timedelta) -> None:
        """Enqueue a task that the backend keeps until the delay is over.

        Raises:
            EngineUnavailable: the backend cannot be reached.
        """
        self._enqueue(job, row_id, run_after=timezone.now() + delay)

    @property
    def has_delay(self) -> bool:  # type: ignore[override]  # it depends on the backend
        """Whether the backend can run something later."""
        return bool(task_backends[DEFAULT_TASK_BACKEND_ALIAS].supports_defer)

    def backlog(self) -> int:
        """Return how many hints wait in django-tasks-db; 0 for other backends, which cannot say.

        Raises:
            EngineUnavailable: the database of the tasks cannot be reached.
        """
        if not apps.is_installed("django_tasks_db"):
            return 0
        from django_tasks_db.models import DBTaskResult

        try:
            return DBTaskResult.objects.ready().filter(task_path=TASK).count()
        except Exception as error:
            raise EngineUnavailable(f"{type(error).__name__} from the Tasks backend") from error

    def call_within_limit(self, call: Callable[[], T]) -> T:
        """Call what runs a project's code, and interrupt it after the time limit, where that is possible.

        Raises:
            TimeLimitExceeded: it took too long.
        """
        return call_within(self.time_limit, call)

    def _enqueue(self, job: str, row_id: int, run_after: datetime | None = None) -> None:
        try:
            from clarion.contrib.django_tasks.tasks import run_job

            run_job.using(run_after=run_after).enqueue(str(job), row_id)
        except Exception as error:  # each backend raises exceptions of its own
            raise EngineUnavailable(f"{type(error).__name__} from the Tasks backend") from error

    def check(self) -> list[CheckMessage]:
        """Refuse backends that run nothing, or run it in the wrong place."""
        return check_backend()
