"""The Celery app of the test project, as Celery's manual has it for Django."""

from __future__ import annotations

from celery import Celery


def make_app() -> Celery:
    """Return an app on Django's settings as they are now."""
    made = Celery("clarion-tests")
    made.config_from_object("django.conf:settings", namespace="CELERY")
    made.autodiscover_tasks(["clarion.contrib.celery"])
    return made


app = make_app()
