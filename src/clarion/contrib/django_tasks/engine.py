"""The Tasks engine: hints travel through the backend of Django's Tasks framework, or of its backport."""

from __future__ import annotations

from django.apps import apps

from clarion.bus.engines.base import Engine
from clarion.contrib.django_tasks.tasks import run_job
from clarion.exceptions import EngineUnavailable


class DjangoTasksEngine(Engine):
    """Works with any backend. The framework has no schedules, so run the relay beside it."""

    def enqueue(self, job: str, row_id: int) -> None:
        """Enqueue a task that carries the job's name and a primary key.

        Raises:
            EngineUnavailable: the backend cannot be reached.
        """
        try:
            run_job.enqueue(str(job), row_id)
        except Exception as error:  # each backend raises exceptions of its own
            raise EngineUnavailable(f"{type(error).__name__} from the Tasks backend") from error

    def backlog(self) -> int:
        """Return how many tasks wait in django-tasks-db; 0 for other backends, which cannot say."""
        if not apps.is_installed("django_tasks_db"):
            return 0
        waiting = apps.get_model("django_tasks_db", "DBTaskResult")._default_manager.filter(status="READY")
        return waiting.count()
