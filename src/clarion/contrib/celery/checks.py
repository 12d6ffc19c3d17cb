"""Checks of the project's Celery app."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Error
from django.core.checks import Warning as Caution

from clarion.conf import get_settings

VISIBILITY_TIMEOUT = 3600
"""Seconds; what Celery's Redis transport does if it is not told."""


def check_app(app: Any, task: Any) -> list[CheckMessage]:
    """Return what is wrong with the settings of `app` for our `task`."""
    if app.main == "default" and not app.conf.broker_url:
        return [
            Error(
                "No Celery app is loaded: hints would go to a broker that nobody configured.",
                hint="Import it in your project's __init__.py: `from .celery import app as celery_app`.",
                id="clarion.E201",
            )
        ]
    return [*_check_receipts(app, task), *_check_limits(app, task)]


def _check_receipts(app: Any, task: Any) -> list[CheckMessage]:
    problems: list[CheckMessage] = []
    if app.conf.task_always_eager:
        problems.append(
            Error(
                "Celery's task_always_eager runs tasks in the publishing process.",
                hint="Remove it; for work at once set CLARION['ENGINE'] to "
                "'clarion.bus.engines.immediate.ImmediateEngine'.",
                id="clarion.E202",
            )
        )
    for attribute, check_id in (("acks_late", "clarion.E203"), ("reject_on_worker_lost", "clarion.E204")):
        if not getattr(task, attribute):
            problems.append(
                Error(
                    f"Celery's task_annotations turn {attribute} off for {task.name}: "
                    "what a killed worker held is lost.",
                    hint=f"Take {attribute!r} out of the annotations for '*' and {task.name!r}.",
                    id=check_id,
                )
            )
    return problems


def _check_limits(app: Any, task: Any) -> list[CheckMessage]:
    problems: list[CheckMessage] = []
    lease = get_settings().LEASE.total_seconds()
    visible = app.conf.broker_transport_options.get("visibility_timeout", VISIBILITY_TIMEOUT)
    if app.connection_for_write().transport.driver_type == "redis" and visible <= lease:
        problems.append(
            Caution(
                f"Celery's visibility_timeout ({visible} s) is not above CLARION['LEASE'] ({lease:.0f} s): "
                "what a killed worker held is given out again too early, while nobody may take it over.",
                hint=f"Set broker_transport_options = {{'visibility_timeout': {lease * 2:.0f}}} or more.",
                id="clarion.W205",
            )
        )
    limit = task.time_limit or app.conf.task_time_limit
    if not limit:
        problems.append(
            Caution(
                "Celery's task_time_limit is not set: a task that hangs holds its worker for ever.",
                hint="Set it to 240.",
                id="clarion.W206",
            )
        )
    elif limit >= lease:
        problems.append(
            Caution(
                f"Celery's task_time_limit ({limit} s) is not below CLARION['LEASE'] ({lease:.0f} s): "
                "a handler with which its whole process hangs is taken over before it is stopped.",
                hint=f"Set it to {lease * 0.8:.0f} or less.",
                id="clarion.W207",
            )
        )
    return problems
