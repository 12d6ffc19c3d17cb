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
        broker: "redis" or "rabbitmq", behind the run's proxy; "rows" in the database itself; "" if none.
        stops_hangs: whether it ends work that takes too long.
    """

    path: str
    settings: Callable[[str], dict[str, Any]] = field(default=lambda run: {})
    apps: Sequence[str] = ()
    workers: Sequence[str] = ()
    broker: str = ""
    stops_hangs: bool = False


def _port() -> int:
    return int(os.environ.get("CHAOS_BROKER_PORT", "6379"))


def _q_cluster(run: str, **broker: Any) -> dict[str, Any]:
    from clarion.contrib.django_q2.preset import q_cluster

    timeout = int(os.environ.get("CHAOS_TASK_TIMEOUT", "60"))
    # A broker gives a lost task out again after `retry`: later than any run waits, so what recovers here
    # was recovered by the relay.
    common = {"workers": 2, "timeout": timeout, "retry": timeout + 300, "poll": 0.05, "guard_cycle": 0.2}
    return {"Q_CLUSTER": q_cluster(run, log_level="WARNING", **common, **broker)}


def _q2_redis(run: str) -> dict[str, Any]:
    redis = {"host": "127.0.0.1", "port": _port(), "db": REDIS_DATABASE}
    return _q_cluster(run, orm=None, redis={**redis, "socket_timeout": 5, "socket_connect_timeout": 2})


_Q2 = "clarion.contrib.django_q2.engine.DjangoQ2Engine"

ENGINES: dict[str, Engine] = {
    "immediate": Engine("clarion.bus.engines.immediate.ImmediateEngine"),
    "q2-orm": Engine(
        _Q2,
        _q_cluster,
        apps=["django_q"],
        workers=[*DJANGO_ADMIN, "qcluster"],
        broker="rows",
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
}
