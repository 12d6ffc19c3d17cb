"""Preset: settings of Django-Q2 under which it keeps its side. Importable from a settings module."""

from __future__ import annotations

from typing import Any

BROKERS = frozenset({"broker_class", "django_redis", "iron_mq", "mongo", "redis", "sqs"})


def q_cluster(name: str = "clarion", **overrides: Any) -> dict[str, Any]:
    """Return a value for `Q_CLUSTER`: bounded attempts, no rows kept of successes.

    The project's database is the broker, unless `overrides` name another.

    Args:
        name: the cluster's name; it also salts what Django-Q2 signs.
        overrides: any of Django-Q2's own settings, such as `workers=4`.
    """
    return {
        "name": name,
        # Django-Q2 would prefer it to Redis, whatever else is set.
        "orm": None if BROKERS & overrides.keys() else "default",
        "timeout": 240,
        "retry": 300,
        "max_attempts": 5,
        "ack_failures": True,
        "save_limit": -1,
        "bulk": 20,
        "recycle": 10_000,
        "catch_up": False,
        "label": "Queue",
        **overrides,
    }
