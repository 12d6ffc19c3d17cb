"""Workers whose clocks are wrong."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import User
from django.utils import timezone

from clarion.bus import get_event_bus
from clarion.bus.claims import claim
from clarion.jobs import run
from clarion.models import HandlerRun, NotifiableEvent
from tests.integration.orders import ship, shipping

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_workers")]


class TestAWrongClock:
    """A worker's clock decides nothing; the database's does."""

    @pytest.mark.parametrize("error", [timedelta(hours=1), timedelta(hours=-1)])
    def test_ends_no_lease_early(self, rows: list[NotifiableEvent], error: timedelta) -> None:
        claim(NotifiableEvent.objects.all(), 100)

        with time_machine.travel(timezone.now() + error):
            assert claim(NotifiableEvent.objects.all(), 100) == []

    def test_begins_no_work_early(self, alice: User) -> None:
        event = get_event_bus().publish(
            "order.shipped", shipping(alice), at=timezone.now() + timedelta(minutes=30)
        )

        with time_machine.travel(timezone.now() + timedelta(hours=1)):
            run("dispatch_event", event.pk)

        assert not HandlerRun.objects.exists()

    def test_delays_no_work_that_is_due(self, alice: User) -> None:
        with time_machine.travel(timezone.now() + timedelta(hours=1)):
            event = ship(alice)
        run("dispatch_event", event.pk)

        assert HandlerRun.objects.exists()
