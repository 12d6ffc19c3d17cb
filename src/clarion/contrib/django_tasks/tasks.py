"""The one task, for Django's Tasks framework or its backport."""

from __future__ import annotations

from django.utils.module_loading import import_string

from clarion.bus.engines.base import JOB

try:
    from django.tasks import task
except ImportError:  # before Django 6.0
    from django_tasks import task


@task()
def run_job(job: str, row_id: int) -> None:
    """Do what a hint asks."""
    import_string(JOB)(job, row_id)
