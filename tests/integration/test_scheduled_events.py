"""Events that are published now for a later time."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from clarion.bus import get_event_bus
from clarion.bus.relay import relay
from clarion.models import NotifiableEvent, Status
from clarion.testing import assert_notified, commit
from tests.integration.clock import let_pass
from tests.integration.orders import shipping

pytestmark = pytest.mark.django_db

Hints = list[tuple[str, int]]


class TestASchedule:
    def test_keeps_handlers_waiting_until_the_time_has_come(self, alice: User) -> None:
        with commit():
            get_event_bus().publish("order.shipped", shipping(alice), at=timezone.now() + timedelta(hours=3))
        let_pass(timedelta(hours=2))
        with commit():
            relay()
        assert not NotifiableEvent.objects.exists()

        let_pass(timedelta(hours=2))
        with commit():
            relay()
        assert_notified(alice, "order.shipped")

    def test_is_not_run_early_by_a_hint(self, alice: User) -> None:
        event = get_event_bus().publish(
            "order.shipped", shipping(alice), at=timezone.now() + timedelta(hours=3)
        )
        with commit():
            get_event_bus().enqueue_task("dispatch_event", {"event_id": event.pk}, "order.shipped")

        event.refresh_from_db()
        assert (event.status, event.attempts) == (Status.PENDING, 0)

    def test_in_the_past_is_due_at_once(self, alice: User) -> None:
        get_event_bus().publish("order.shipped", shipping(alice), at=timezone.now() - timedelta(hours=1))
        with commit():
            relay()

        assert_notified(alice, "order.shipped")

    def test_counts_retention_from_the_time_it_is_due(self, hints: Hints, alice: User) -> None:
        at = timezone.now() + timedelta(days=300)

        event = get_event_bus().publish("order.shipped", shipping(alice), at=at)

        assert event.delete_at == at + timedelta(hours=72)
