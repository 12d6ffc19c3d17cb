"""Preset: settings of Django-Q2 under which it keeps its side. Importable from a settings module."""

from __future__ import annotations

from typing import Any


def q_cluster(name: str = "clarion", **overrides: Any) -> dict[str, Any]:
    """Return a value for `Q_CLUSTER`: the ORM broker, bounded attempts, no rows kept of successes.

    Args:
        name: the cluster's name; it also salts what Django-Q2 signs.
        overrides: any of Django-Q2's own settings, such as `workers=4`.
    """
    return {
        "name": name,
        "orm": "default",
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
