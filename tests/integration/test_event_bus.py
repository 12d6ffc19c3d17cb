"""Publishing, subscribing, idempotency keys, schedules, hints."""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.db import connections, transaction
from django.utils import timezone
from pydantic import BaseModel
from pytest_django import Settings

from clarion.bus import EventBus, get_event_bus, subscribe
from clarion.bus.relay import relay
from clarion.bus.subscriptions import handlers_of
from clarion.events import EventTypes
from clarion.exceptions import ImproperlyDeclared, InvalidTask, UnknownEventType
from clarion.models import EmailNotification, EventLog, NotifiableEvent, Status
from clarion.testing import assert_notified, commit, subscribed
from tests.integration.clock import let_pass
from tests.integration.happenings import happen, happenings
from tests.integration.meanwhile import meanwhile
from tests.integration.orders import ship, shipping
from tests.testapp import notifiers

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


class TestSubscriptions:
    def test_are_found_in_each_app_s_notifiers(self) -> None:
        handlers = handlers_of(EventTypes.ORDER_RETURNED)

        assert handlers == {
            "tests.testapp.notifiers.refund_buyers": notifiers.refund_buyers,
            "tests.testapp.notifiers.tell_stock_keepers": notifiers.tell_stock_keepers,
        }

    def test_can_name_several_types(self, alice: User) -> None:
        seen = []

        def note(event: EventLog) -> None:
            seen.append(event.event_type)

        with happenings(), subscribed(note, to="test.happened"), subscribed(note, to="order.shipped"):
            happen()
            ship(alice)

        assert seen == ["test.happened", "order.shipped"]

    def test_hear_only_of_their_own_types(self, alice: User) -> None:
        def never(event: EventLog) -> None:
            raise AssertionError

        with happenings(never):
            assert ship(alice).status == Status.DONE

    def test_to_an_unknown_type_are_refused_with_the_name_probably_meant(self) -> None:
        with pytest.raises(UnknownEventType, match='did you mean "order\\.shipped"'):
            subscribe("order.shiped")

    def test_of_a_function_without_a_name_are_refused(self) -> None:
        with pytest.raises(ImproperlyDeclared) as caught:
            subscribe("order.shipped")(lambda event: None)

        assert str(caught.value) == (
            "subscribe: got a lambda, expected a named function; fix: write a def and decorate it"
        )

    def test_leave_the_function_as_it_is(self) -> None:
        def handler(event: EventLog) -> str:
            return "called"

        with happenings(handler):
            assert subscribe("test.happened")(handler) is handler


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


class TestEnqueuingATask:
    def test_takes_a_job_by_name_or_by_path(self, hints: Hints) -> None:
        with commit():
            for task in ("process_notification", "clarion.jobs.process_notification"):
                get_event_bus().enqueue_task(task, {"event_id": 7}, "order.shipped")

        assert hints == [("process_notification", 7)] * 2

    def test_is_undone_with_the_transaction(self, hints: Hints) -> None:
        with commit(), transaction.atomic():
            get_event_bus().enqueue_task("process_notification", {"event_id": 7}, "order.shipped")
            transaction.set_rollback(True)

        assert hints == []

    def test_refuses_a_job_there_is_not(self, hints: Hints) -> None:
        with pytest.raises(InvalidTask) as caught, commit():
            get_event_bus().enqueue_task("apps.tasks.process_everything", {"event_id": 7}, "order.shipped")

        assert str(caught.value) == (
            "task: got 'apps.tasks.process_everything', expected one of work, dispatch_event, "
            "run_handler, process_notification, process_notifications, send_email, send_emails, relay, "
            "cleanup; "
            "fix: name a job of clarion.jobs"
        )
        assert hints == []

    @pytest.mark.parametrize(
        ("params", "got"),
        [
            ({}, "keys []"),
            ({"event_id": "7"}, "keys ['event_id']"),
            ({"event_id": True}, "keys ['event_id']"),
            ({"event_id": 7, "name": "Kite"}, "keys ['event_id', 'name']"),
        ],
    )
    def test_refuses_anything_but_one_number(self, hints: Hints, params: dict[str, int], got: str) -> None:
        with pytest.raises(InvalidTask) as caught, commit():
            get_event_bus().enqueue_task("process_notification", params, "order.shipped")

        assert str(caught.value) == (
            f'params: got {got}, expected one name with an int; fix: pass {{"event_id": notifiable_event.id}}'
        )
        assert hints == []

    def test_refuses_an_unknown_event_type(self, hints: Hints) -> None:
        with pytest.raises(UnknownEventType), commit():
            get_event_bus().enqueue_task("process_notification", {"event_id": 7}, "order.lost")

        assert hints == []
