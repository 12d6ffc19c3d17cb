"""The Django app."""

from __future__ import annotations

from django.apps import AppConfig


class ProbeConfig(AppConfig):
    """For workers only; in the test's own process `registered` and `subscribed` end with the test."""

    name = "clarion.testing.probe"
    label = "clarion_probe"

    def ready(self) -> None:
        """Register the event type and its handler."""
        from clarion.bus import subscribe
        from clarion.events import EventTypes
        from clarion.testing.probe.event import PROBED, leave_trace

        EventTypes.register(PROBED)
        subscribe(PROBED.name)(leave_trace)
