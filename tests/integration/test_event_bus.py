"""Publishing: what is logged, and who is woken."""

import logging
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from pytest_django import Settings

from clarion.bus import EventBus, get_event_bus
from clarion.bus.relay import relay
from clarion.events import EventTypes
from clarion.models import EventLog, Status
from clarion.testing import assert_notified, commit
from tests.integration.clock import let_pass
from tests.integration.happenings import happenings
from tests.integration.orders import ship, shipping

pytestmark = pytest.mark.django_db

Hints = list[tuple[str, int]]


class TestPublishing:
    def test_returns_the_event_as_it_was_logged(self, hints: Hints, alice: User) -> None:
        event = get_event_bus().publish(EventTypes.ORDER_SHIPPED, shipping(alice))

        stored = EventLog.objects.get()
        assert stored == event
        assert (stored.event_type, stored.payload, stored.payload_version) == (
            "order.shipped",
            shipping(alice),
            1,
        )
        assert (stored.status, stored.attempts, stored.idempotency_key) == (Status.PENDING, 0, None)

    def test_stores_the_defaults_of_the_schema(self, hints: Hints) -> None:
        with happenings():
            event = get_event_bus().publish("test.happened", {})

        event.refresh_from_db()
        assert event.payload == {"text": "rain"}

    def test_stores_the_version_of_the_schema(self, hints: Hints) -> None:
        with happenings(version=3):
            assert get_event_bus().publish("test.happened", {}).payload_version == 3

    def test_accepts_the_name_and_the_constant_alike(self, hints: Hints, alice: User) -> None:
        for name in ("order.shipped", EventTypes.ORDER_SHIPPED):
            get_event_bus().publish(name, shipping(alice))

        assert EventLog.objects.filter(event_type="order.shipped").count() == 2

    def test_gives_the_event_the_retention_of_its_type(self, hints: Hints) -> None:
        with happenings(retention=timedelta(days=2)):
            event = get_event_bus().publish("test.happened", {})

        assert event.delete_at - event.created_at == pytest.approx(
            timedelta(days=2), abs=timedelta(seconds=5)
        )

    @pytest.mark.parametrize(("events", "woken"), [(1, 1), (3, 3), (8, 8), (100, 8)])
    def test_wakes_as_many_workers_as_there_are_events_but_no_crowd(
        self, events: int, woken: int, hints: Hints, alice: User
    ) -> None:
        with commit():
            for _ in range(events):
                get_event_bus().publish("order.shipped", shipping(alice))

        assert hints == [("work", 0)] * woken

    def test_wakes_workers_in_every_transaction_anew(self, hints: Hints, alice: User) -> None:
        for _ in range(10):
            ship(alice)

        assert hints == [("work", 0)] * 10

    def test_works_on_every_bus_alike(self, hints: Hints, alice: User) -> None:
        EventBus().publish("order.shipped", shipping(alice))

        assert EventLog.objects.exists()


class TestHints:
    def test_carry_the_name_of_a_job_and_one_number(
        self, settings: Settings, alice: User, hints: Hints
    ) -> None:
        ship(alice, item="a secret gift")

        assert hints == [("work", 0)]
        assert all(type(part) in (str, int) for hint in hints for part in hint)

    def test_that_the_engine_does_not_take_are_logged_and_the_event_stays(
        self, settings: Settings, alice: User, caplog: pytest.LogCaptureFixture
    ) -> None:
        immediate = settings.CLARION
        settings.CLARION = {**immediate, "ENGINE": f"{__name__.rpartition('.')[0]}.engines.BrokenEngine"}
        with caplog.at_level(logging.WARNING, logger="clarion"):
            event = ship(alice)

        assert event.status == Status.PENDING
        assert "engine unavailable" in caplog.text

        settings.CLARION = immediate
        let_pass(timedelta(minutes=1))
        with commit():
            relay()
        assert_notified(alice, "order.shipped")

    def test_come_after_the_commit_and_not_before(self, hints: Hints, alice: User) -> None:
        with commit():
            get_event_bus().publish("order.shipped", shipping(alice))
            assert hints == []
        assert len(hints) == 1
