"""The app: it makes Clarion's pauses short, so that a run takes seconds, and limits memory where asked."""

from __future__ import annotations

import os
import resource
import time
from datetime import timedelta

from django.apps import AppConfig
from django.conf import settings


class ProjectConfig(AppConfig):
    """Where Clarion waits a minute for a real fault to pass, chaos waits less than a second."""

    name = "chaos.project"
    label = "chaos"

    def ready(self) -> None:
        """Shorten the pauses, set the clock.

        Environment:
            CHAOS_CLOCK: seconds by which this process's clock is ahead.
            CHAOS_ZONE: this process's time zone, as POSIX writes it.
            CHAOS_MEMORY: the most address space, in MiB beyond what is used now.
        """
        from clarion import health
        from clarion.bus import backoff, claims, relay
        from clarion.delivery import sender

        if hasattr(settings, "CELERY_BROKER_URL"):
            from chaos.project import celery  # noqa: F401  # tasks belong to the app that is there first

        backoff.BACKOFF = timedelta(seconds=0.2)
        backoff.BACKOFF_LIMIT = timedelta(seconds=1)
        claims.DEPLOYMENT_PAUSE = timedelta(seconds=0.5)
        relay.GRACE = timedelta(seconds=0.5)
        sender.OUTAGE_PAUSE = timedelta(seconds=1)
        health.RELAY_SILENCE = health.OVERDUE = timedelta(seconds=3)
        if skew := int(os.environ.get("CHAOS_CLOCK", "0")):
            import time_machine

            time_machine.travel(time.time() + skew, tick=True).start()
        if zone := os.environ.get("CHAOS_ZONE"):
            os.environ["TZ"] = zone  # Django has put TIME_ZONE there
            time.tzset()
        if room := int(os.environ.get("CHAOS_MEMORY", "0")):
            with open("/proc/self/statm") as statm:
                used = int(statm.read().split()[0]) * resource.getpagesize()
            resource.setrlimit(resource.RLIMIT_AS, (used + room * 2**20,) * 2)
