"""Checks of the backend in `TASKS`."""

from __future__ import annotations

from django.apps import apps
from django.core.checks import CheckMessage, Error
from django.core.exceptions import ImproperlyConfigured

from clarion.contrib.django_tasks.framework import (
    DEFAULT_TASK_BACKEND_ALIAS,
    DEFAULT_TASK_QUEUE_NAME,
    task_backends,
)

SET = "Set TASKS = {'default': {'BACKEND': 'django_tasks_db.DatabaseBackend'}}."
SET_OR_AT_ONCE = (
    f"{SET} Or, for work at once, set CLARION['ENGINE'] to 'clarion.bus.engines.immediate.ImmediateEngine'."
)


def check_backend() -> list[CheckMessage]:
    """Return what is wrong with the default backend of Django's Tasks framework."""
    try:
        backend = task_backends[DEFAULT_TASK_BACKEND_ALIAS]
    except ImproperlyConfigured as wrong:
        return [Error(f"TASKS has no usable default backend: {wrong}", hint=SET, id="clarion.E301")]
    # By name, because on Django 6 a project may still name the backport's.
    name = type(backend).__name__
    if name == "ImmediateBackend":
        text = "TASKS['default'] is the ImmediateBackend, its default: tasks run in the publishing process."
        return [Error(text, hint=SET_OR_AT_ONCE, id="clarion.E302")]
    if name == "DummyBackend":
        text = "TASKS['default'] is the DummyBackend: it takes tasks and runs none."
        return [Error(text, hint=SET, id="clarion.E303")]
    problems: list[CheckMessage] = []
    if backend.queues and DEFAULT_TASK_QUEUE_NAME not in backend.queues:
        text = f"TASKS['default']['QUEUES'] has no {DEFAULT_TASK_QUEUE_NAME!r}: every hint is refused."
        hint = f"Add {DEFAULT_TASK_QUEUE_NAME!r} to it, and have a worker take from that queue."
        problems.append(Error(text, hint=hint, id="clarion.E304"))
    app = type(backend).__module__.partition(".")[0]
    if app == "django_tasks_db" and not apps.is_installed(app):
        text = "TASKS['default'] is django-tasks-db, but its app is not installed: tasks have no table."
        hint = "Add 'django_tasks_db' to INSTALLED_APPS and run `manage.py migrate`."
        problems.append(Error(text, hint=hint, id="clarion.E305"))
    return problems
