"""The one Celery task. A worker finds it by `app.autodiscover_tasks(["clarion.contrib.celery"])`."""

from __future__ import annotations

from celery import shared_task
from django.utils.module_loading import import_string

from clarion.bus.engines.base import JOB
from clarion.contrib.celery.beat import TASK


# Celery ships no types.
@shared_task(  # type: ignore[untyped-decorator]
    name=TASK, acks_late=True, reject_on_worker_lost=True, ignore_result=True
)
def run_job(job: str, row_id: int) -> None:
    """Do what a hint asks. Acknowledged afterwards, so that a killed worker's hint is given to another."""
    import_string(JOB)(job, row_id)
