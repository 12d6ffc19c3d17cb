"""A hint that goes wrong is no concern of whoever published: they have committed."""

import logging
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from pytest_django import Settings

from clarion.bus import get_event_bus
from clarion.bus.engines.base import Engine
from clarion.events import EventTypes
from clarion.models import Status
from clarion.testing import commit
from tests.integration.engines import BrokenEngine, PatientEngine
from tests.integration.orders import ship, shipping

pytestmark = pytest.mark.django_db


class FaultyEngine(Engine):
    """Has a fault of its own, and talks about it."""

    def enqueue(self, job: str, row_id: int) -> None:
        raise RuntimeError("the canary sings")


@pytest.mark.parametrize(
    ("engine", "level", "said"),
    [
        (BrokenEngine, logging.WARNING, "engine unavailable; the relay will offer this again"),
        (FaultyEngine, logging.ERROR, "hint failed; the relay will offer this again"),
    ],
)
def test_publishing_succeeds_though_the_hint_fails(
    engine: type[Engine],
    level: int,
    said: str,
    settings: Settings,
    alice: User,
    caplog: pytest.LogCaptureFixture,
) -> None:
    settings.CLARION = {**settings.CLARION, "ENGINE": f"{engine.__module__}.{engine.__qualname__}"}

    event = ship(alice)

    assert event.status == Status.PENDING
    assert caplog.record_tuples == [("clarion", level, said)]
    assert caplog.records[0].__dict__["job"] == "work"
    assert "canary" not in caplog.text


class TestAnEventForLater:
    def publish(self, alice: User, wait: timedelta) -> None:
        with commit():
            get_event_bus().publish(EventTypes.ORDER_SHIPPED, shipping(alice), at=timezone.now() + wait)

    @pytest.fixture(autouse=True)
    def _patient(self, hints: list[tuple[str, int]], settings: Settings) -> None:
        path = f"{PatientEngine.__module__}.{PatientEngine.__qualname__}"
        settings.CLARION = {**settings.CLARION, "ENGINE": path}
        PatientEngine.delays = []

    def test_has_a_hint_that_comes_when_it_is_due(self, alice: User) -> None:
        self.publish(alice, timedelta(minutes=10))
        (delay,) = PatientEngine.delays
        assert timedelta(minutes=9, seconds=50) < delay < timedelta(minutes=10, seconds=1)

    def test_is_left_to_the_relay_where_the_wait_is_long(self, alice: User) -> None:
        self.publish(alice, timedelta(hours=1))
        assert PatientEngine.delays == []

    def test_has_a_hint_at_once_where_its_time_has_passed(self, alice: User) -> None:
        self.publish(alice, -timedelta(hours=1))
        (delay,) = PatientEngine.delays
        assert delay < timedelta(seconds=1)
