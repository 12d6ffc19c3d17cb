"""What announcing to many people costs."""

from __future__ import annotations

import os
import time

from django.conf import settings
from django.core.signals import setting_changed
from django.db import connection, transaction

from clarion.realtime.announcement import announce


def fanout(people: int) -> None:
    """Time what `announce` adds to recording so many people in chunks, by broadcaster and size of chunk."""
    redis = {
        "BACKEND": "clarion.contrib.redis.broadcaster.RedisBroadcaster",
        "OPTIONS": {"url": os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0"), "channel": "bench"},
    }
    for name, realtime in (("off", None), ("postgres", settings.LISTEN), ("redis", redis)):
        settings.CLARION = {**settings.CLARION, "REALTIME": realtime}
        setting_changed.send(sender=None, setting="CLARION", value=settings.CLARION, enter=True)
        for chunk in (500, 10_000):
            connection.queries_log.clear()
            connection.force_debug_cursor = True
            began = time.perf_counter()
            for start in range(0, people, chunk):
                with transaction.atomic():
                    announce(range(start, start + chunk))
            took = time.perf_counter() - began
            asked = [query for query in connection.queries if "pg_notify" in query["sql"]]
            connection.force_debug_cursor = False
            print(f"{name:>9}, chunks of {chunk:6}: {took * 1000:8.1f} ms, {len(asked):4} statements")
