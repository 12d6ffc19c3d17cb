"""The one task."""

from __future__ import annotations

from django.utils.module_loading import import_string

from clarion.bus.engines.base import JOB
from clarion.contrib.django_tasks.framework import task


@task()
def run_job(job: str, row_id: int) -> None:
    """Do what a hint asks."""
    import_string(JOB)(job, row_id)
