"""Realtime as a test chooses it."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from tests.integration.realtime.broadcasters import RECORDING, RecordingBroadcaster


@pytest.fixture
def announced(settings: Settings) -> list[set[str]]:
    """The keys of each announcement, in order."""
    settings.CLARION = {**settings.CLARION, "REALTIME": RECORDING}
    RecordingBroadcaster.announced = []
    return RecordingBroadcaster.announced
