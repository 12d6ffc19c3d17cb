"""Idempotency keys: what is published again is the event there is."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.db import connections
from pydantic import BaseModel

from clarion.bus import get_event_bus
from clarion.models import EmailNotification, EventLog, NotifiableEvent
from clarion.testing import assert_notified, commit
from tests.integration.happenings import happenings
from tests.integration.meanwhile import meanwhile
from tests.integration.orders import shipping

pytestmark = pytest.mark.django_db


class TestAnIdempotencyKey:
    def test_returns_the_first_event_when_published_again(self, alice: User) -> None:
        first = get_event_bus().publish("order.shipped", shipping(alice), idempotency_key="order-7")
        with commit():
            second = get_event_bus().publish("order.shipped", shipping(alice), idempotency_key="order-7")

        assert second == first
        assert EventLog.objects.count() == 1

    def test_has_the_event_handled_once(self, alice: User) -> None:
        for _ in range(3):
            with commit():
                get_event_bus().publish("order.shipped", shipping(alice), idempotency_key="order-7")

        assert len(mail.outbox) == NotifiableEvent.objects.count() == 1

    def test_is_told_apart_by_event_type(self, alice: User) -> None:
        with happenings():
            get_event_bus().publish("test.happened", {}, idempotency_key="7")
            get_event_bus().publish("order.shipped", shipping(alice), idempotency_key="7")

        assert EventLog.objects.count() == 2

    def test_does_not_mind_defaults_that_are_left_out(self) -> None:
        with happenings():
            first = get_event_bus().publish("test.happened", {}, idempotency_key="7")
            second = get_event_bus().publish("test.happened", {"text": "rain"}, idempotency_key="7")

        assert first == second

    @pytest.mark.parametrize(
        "value", [0.1, 1e15, -0.0, 2**63 - 1, "ünïcode", "", [1, [2.5]], {"a": None}, True]
    )
    def test_knows_every_payload_again(self, value: object) -> None:
        class Anything(BaseModel):
            value: object

        with happenings(payload=Anything, texts=()):
            first = get_event_bus().publish("test.happened", {"value": value}, idempotency_key="7")
            second = get_event_bus().publish("test.happened", {"value": value}, idempotency_key="7")

        assert first == second

    def test_outlives_the_first_event_even_if_that_goes_just_now(self, alice: User) -> None:
        publish = get_event_bus().publish
        publish("order.shipped", shipping(alice), idempotency_key="order-7")

        with meanwhile(EventLog.objects.all().delete, before="SELECT", of=EventLog), commit():
            event = publish("order.shipped", shipping(alice), idempotency_key="order-7")

        assert EventLog.objects.get() == event
        assert_notified(alice, "order.shipped")

    @pytest.mark.django_db(transaction=True)
    def test_makes_one_event_of_fifty_published_at_once(self, alice: User) -> None:
        start = threading.Barrier(50)

        def publish(_: int) -> int:
            try:
                start.wait()
                return get_event_bus().publish("order.shipped", shipping(alice), idempotency_key="order-7").pk
            finally:
                connections.close_all()

        with ThreadPoolExecutor(50) as threads:
            keys = set(threads.map(publish, range(50)))

        assert keys == {EventLog.objects.get().pk}
        assert NotifiableEvent.objects.count() == EmailNotification.objects.count() == 1
        assert len(mail.outbox) == 1
