"""Engines: one entry each. What a project must set for it, what runs its workers, and what its broker is."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

REDIS_DATABASE = 9 + int(os.environ.get("CHAOS_SLOT", "0"))
"""Of Redis, for chaos alone: it is flushed. One for each of the runs at the same time."""

DJANGO_ADMIN = (sys.executable, "-m", "django")


@dataclass(frozen=True)
class Engine:
    """How one engine is set up and run.

    Attributes:
        path: dotted path, for `CLARION["ENGINE"]`.
        settings: given the run's name, returns the engine's own settings.
        apps: what it needs in `INSTALLED_APPS`.
        workers: the command of its workers; empty if it has none.
        broker: "redis" or "rabbitmq", behind the run's proxy; a model, if its rows are the queue; "" if none.
        stops_hangs: whether it ends work that takes too long, or the worker that does it.
    """

    path: str
    settings: Callable[[str], dict[str, Any]] = field(default=lambda run: {})
    apps: Sequence[str] = ()
    workers: Sequence[str] = ()
    broker: str = ""
    stops_hangs: bool = False


def _host() -> str:
    return os.environ.get("CHAOS_HOST", "127.0.0.1")


def _port() -> int:
    return int(os.environ.get("CHAOS_BROKER_PORT", "6379"))


def _q_cluster(run: str, **broker: Any) -> dict[str, Any]:
    from clarion.contrib.django_q2.preset import q_cluster

    timeout = int(os.environ.get("CHAOS_TASK_TIMEOUT", "60"))
    # A broker gives a lost task out again after `retry`: later than any run waits, so what recovers here
    # was recovered by the relay.
    common = {"workers": 2, "timeout": timeout, "retry": timeout + 300, "poll": 0.05, "guard_cycle": 0.2}
    # No schedules: the relay is a process here, and nothing is cleaned up before the oracle has seen it.
    return {"Q_CLUSTER": q_cluster(run, log_level="WARNING", scheduler=False, **common, **broker)}


def _q2_redis(run: str) -> dict[str, Any]:
    redis = {"host": _host(), "port": _port(), "db": REDIS_DATABASE}
    return _q_cluster(run, orm=None, redis={**redis, "socket_timeout": 5, "socket_connect_timeout": 2})


def _celery(run: str, url: str) -> dict[str, Any]:
    return {
        "CELERY_BROKER_URL": url,
        "CELERY_TASK_DEFAULT_QUEUE": run,
        "CELERY_TASK_TIME_LIMIT": int(os.environ.get("CHAOS_TASK_TIMEOUT", "60")),
        "CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP": True,
        # Its queue bears the host's name, which all workers here share: the second set would not start.
        "CELERY_WORKER_ENABLE_REMOTE_CONTROL": False,
    }


def _celery_redis(run: str) -> dict[str, Any]:
    return _celery(run, f"redis://{_host()}:{_port()}/{REDIS_DATABASE}")


def _celery_rabbitmq(run: str) -> dict[str, Any]:
    return _celery(run, f"amqp://guest:guest@{_host()}:{_port()}//")


def _celery_engine(settings: Callable[[str], dict[str, Any]], broker: str) -> Engine:
    worker = ["-m", "celery", "--app=chaos.project.celery", "worker", "--concurrency=2", "--loglevel=WARNING"]
    return Engine(
        "clarion.contrib.celery.engine.CeleryEngine",
        settings,
        workers=[sys.executable, *worker, "--without-gossip", "--without-mingle"],
        broker=broker,
        stops_hangs=True,
    )


def _django_tasks(run: str) -> dict[str, Any]:
    return {"TASKS": {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}}


_Q2 = "clarion.contrib.django_q2.engine.DjangoQ2Engine"

ENGINES: dict[str, Engine] = {
    "immediate": Engine("clarion.bus.engines.immediate.ImmediateEngine"),
    "q2-orm": Engine(
        _Q2,
        _q_cluster,
        apps=["django_q"],
        workers=[*DJANGO_ADMIN, "qcluster"],
        broker="django_q.OrmQ",
        stops_hangs=True,
    ),
    "q2-redis": Engine(
        _Q2,
        _q2_redis,
        apps=["django_q"],
        workers=[*DJANGO_ADMIN, "qcluster"],
        broker="redis",
        stops_hangs=True,
    ),
    "celery-redis": _celery_engine(_celery_redis, "redis"),
    "celery-rabbitmq": _celery_engine(_celery_rabbitmq, "rabbitmq"),
    "django-tasks": Engine(
        "chaos.project.django_tasks.HurriedEngine",
        _django_tasks,
        apps=["django_tasks", "django_tasks_db"],
        workers=[*DJANGO_ADMIN, "db_worker", "--interval=0.1", "--no-startup-delay"],
        broker="django_tasks_database.DBTaskResult",
        stops_hangs=True,
    ),
}
