"""Entries for Celery's beat. Importable from a settings module."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

# As text, because jobs cannot be imported before Django's apps are loaded.
TASK = "clarion.run"
RELAY = "relay"
CLEANUP = "cleanup"


def beat_schedule() -> dict[str, dict[str, Any]]:
    """Return what beat must know to run the relay every minute and the clean-up every hour.

    ```python
    CELERY_BEAT_SCHEDULE = {**beat_schedule(), "your-own": ...}
    ```
    """
    return {
        "clarion-relay": _every(timedelta(minutes=1), RELAY),
        "clarion-cleanup": _every(timedelta(hours=1), CLEANUP),
    }


def _every(pause: timedelta, job: str) -> dict[str, Any]:
    # Expires, so that these do not pile up while no worker runs.
    return {"task": TASK, "schedule": pause, "args": (job, 0), "options": {"expires": pause.total_seconds()}}
