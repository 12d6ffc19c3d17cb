"""The immediate engine: the same path, run at once in the same process, after the commit."""

from __future__ import annotations

from django.utils.module_loading import import_string

from clarion.bus.engines.base import JOB, Engine


class ImmediateEngine(Engine):
    """Needs no worker. What fails is retried by `manage.py clarion relay`."""

    works_at_once = True

    def enqueue(self, job: str, row_id: int) -> None:
        """Do the work now."""
        import_string(JOB)(job, row_id)
