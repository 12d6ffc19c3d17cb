"""Publishing many events at once: as publishing each, but together, and all or none."""

import tracemalloc
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pydantic import BaseModel

from clarion.bus import NewEvent, get_event_bus
from clarion.bus.relay import relay
from clarion.exceptions import (
    IdempotencyConflict,
    InvalidIdempotencyKey,
    InvalidInput,
    InvalidPayload,
    InvalidSchedule,
    UnknownEventType,
)
from clarion.models import EventLog, NotifiableEvent, Status
from clarion.testing import commit
from tests.integration.clock import let_pass
from tests.integration.happenings import happenings
from tests.integration.meanwhile import meanwhile
from tests.integration.orders import ship, shipping

pytestmark = pytest.mark.django_db

Hints = list[tuple[str, int]]

TRANSACTION_CONTROL = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")


def publish(*events: NewEvent) -> int:
    """Publish and commit."""
    with commit():
        return get_event_bus().publish_many(events)


def shipped(*people: User, **options: Any) -> NewEvent:
    return NewEvent("order.shipped", shipping(*people), **options)


def columns_of(event: EventLog) -> dict[str, Any]:
    """Return what is stored of an event, but for what tells it apart and when it was."""
    apart = {"id", "created_at", "due_at", "delete_at"}
    return {
        field.attname: getattr(event, field.attname)
        for field in EventLog._meta.concrete_fields
        if field.attname not in apart
    }


class TestEvents:
    def test_are_logged_as_if_each_had_been_published(self, hints: Hints, alice: User, bob: User) -> None:
        before = timezone.now()
        with happenings(urgent=True, version=3, subject="weather:{text}", retention=timedelta(days=2)):
            published = publish(shipped(alice), NewEvent("test.happened", {}), shipped(alice, bob))
            together = list(EventLog.objects.order_by("pk"))
            for event in together:
                get_event_bus().publish(event.event_type, event.payload)
        alone = list(EventLog.objects.order_by("pk"))[3:]

        assert published == len(together) == 3
        assert [columns_of(event) for event in together] == [columns_of(event) for event in alone]
        for one, other in zip(together, alone, strict=True):
            assert one.due_at is not None
            assert before - timedelta(seconds=1) <= one.due_at
            assert abs(other.delete_at - one.delete_at) < timedelta(seconds=10)

    def test_keep_what_python_holds_for_equal_apart(self) -> None:
        class Measured(BaseModel):
            value: int | float | bool

        with happenings(payload=Measured, texts=()):
            publish(*[NewEvent("test.happened", {"value": value}) for value in (1, True, 1.0)])

        stored = [repr(event.payload["value"]) for event in EventLog.objects.order_by("pk")]
        assert stored == ["1", "True", "1.0"]

    def test_reach_their_people(self, alice: User, bob: User) -> None:
        publish(shipped(alice), shipped(bob), shipped(alice, bob))

        assert set(EventLog.objects.values_list("status", flat=True)) == {Status.DONE}
        told = NotifiableEvent.objects.values_list("person", flat=True)
        assert sorted(told) == sorted([alice.pk, alice.pk, bob.pk, bob.pk])

    def test_may_be_none(self, hints: Hints) -> None:
        assert publish() == 0
        assert hints == []

    def test_never_happened_if_the_transaction_is_rolled_back(self, hints: Hints, alice: User) -> None:
        with commit(), transaction.atomic():
            get_event_bus().publish_many([shipped(alice)])
            transaction.set_rollback(True)

        assert not EventLog.objects.exists()
        assert hints == []

    def test_are_one_hint_for_each_thousand_but_no_crowd(self, hints: Hints) -> None:
        with happenings():
            publish(*[NewEvent("test.happened", {})] * 1000)
            assert hints == [("work", 0)]
            publish(*[NewEvent("test.happened", {})] * 1001)
            assert hints == [("work", 0)] * 3
            publish(*[NewEvent("test.happened", {})] * 9000)

        assert len(hints) == 3 + 8

    def test_stream_from_what_yields_them(self, hints: Hints) -> None:
        waiting = 0

        def stream(count: int) -> Iterator[NewEvent]:
            nonlocal waiting
            for _ in range(count):
                waiting += 1
                yield NewEvent("test.happened", {"text": "x" * 1000})

        def peak(count: int) -> int:
            tracemalloc.start()
            try:
                assert get_event_bus().publish_many(stream(count)) == count
                return tracemalloc.get_traced_memory()[1]
            finally:
                tracemalloc.stop()

        with happenings(), commit():
            few = peak(2000)
            assert peak(6000) < 1.3 * few
        assert waiting == EventLog.objects.count() == 8000

    @pytest.mark.django_db(transaction=True)
    def test_may_be_read_from_the_database_as_they_are_written(self, hints: Hints, alice: User) -> None:
        everyone = User.objects.iterator(chunk_size=1)

        assert get_event_bus().publish_many(shipped(person) for person in everyone) == 1


class TestStatements:
    """However many events there are, up to a thousand."""

    @pytest.mark.parametrize(
        ("options", "expected"),
        [
            ({}, 1),
            ({"idempotency_key": "{}"}, 2),
            ({"at": timedelta(days=1)}, 1),
            ({"at": timedelta(days=1), "idempotency_key": "{}"}, 2),
        ],
    )
    def test_do_not_grow_with_events(
        self, options: dict[str, Any], expected: int, no_workers: None, alice: User
    ) -> None:
        for count in (2, 400):
            events = [self._event(alice, number, **options) for number in range(count)]
            assert self._statements(events) == expected

    def test_are_one_more_where_some_are_for_later(self, no_workers: None, alice: User) -> None:
        later = shipped(alice, at=timezone.now() + timedelta(days=1))

        assert self._statements([shipped(alice), later] * 200) == 2

    def _event(
        self, alice: User, number: int, at: timedelta | None = None, idempotency_key: str | None = None
    ) -> NewEvent:
        key = idempotency_key and idempotency_key.format(number)
        due = None if at is None else timezone.now() + at + timedelta(seconds=number)
        return NewEvent("order.shipped", shipping(alice, order_id=number), key, due)

    def _statements(self, events: list[NewEvent]) -> int:
        with CaptureQueriesContext(connection) as queries, commit():
            get_event_bus().publish_many(events)
        return sum(not query["sql"].startswith(TRANSACTION_CONTROL) for query in queries.captured_queries)


class TestOneThatIsRefused:
    TOMORROW = timezone.now() + timedelta(days=1)

    @pytest.mark.parametrize(
        ("wrong", "kind", "path"),
        [
            (NewEvent("order.shiped", {}), UnknownEventType, "event_type"),
            (NewEvent("order.shipped", {"order_id": "7"}), InvalidPayload, "payload.order_id"),
            (NewEvent("test.happened", {}, " "), InvalidIdempotencyKey, "idempotency_key"),
            (NewEvent("test.happened", {}, at=TOMORROW.replace(tzinfo=None)), InvalidSchedule, "at"),
            (NewEvent("test.happened", {"text": "sun"}, "taken"), IdempotencyConflict, "idempotency_key"),
        ],
    )
    @pytest.mark.parametrize("position", [1, 1001])
    def test_is_named_by_its_position_and_nothing_is_written(
        self, position: int, wrong: NewEvent, kind: type[InvalidInput], path: str, hints: Hints
    ) -> None:
        right = NewEvent("test.happened", {"text": "rain"}, "taken")
        with happenings(), pytest.raises(kind) as caught:
            publish(*[right] * position, wrong, right)

        assert caught.value.path == f"events[{position}].{path}"
        assert f"events[{position}].{path}: got " in str(caught.value)
        assert not EventLog.objects.exists()
        assert hints == []

    def test_has_all_its_faults_said(self, alice: User) -> None:
        with pytest.raises(InvalidPayload) as caught:
            publish(shipped(alice), NewEvent("order.shipped", shipping(order_id="7", item=7)))

        first, second = str(caught.value).splitlines()
        assert first.startswith("order.shipped: events[1].payload.order_id: got str, expected int; fix: ")
        assert second.startswith("order.shipped: events[1].payload.item: got int, expected str; fix: ")

    def test_leaves_the_caller_s_transaction_usable(self, alice: User) -> None:
        with commit(), transaction.atomic():
            with pytest.raises(UnknownEventType):
                get_event_bus().publish_many([shipped(alice), NewEvent("order.shiped", {})])
            get_event_bus().publish("order.shipped", shipping(alice))

        assert EventLog.objects.get().status == Status.DONE


class TestAnIdempotencyKey:
    def test_makes_one_event_however_often_it_is_published(self, hints: Hints, alice: User) -> None:
        with commit():
            first = get_event_bus().publish("order.shipped", shipping(alice), idempotency_key="order-7")

        for _ in range(2):
            new = shipped(alice, idempotency_key="order-8")
            assert publish(shipped(alice, idempotency_key="order-7"), new, new) == 3

        assert first in EventLog.objects.all()
        assert set(EventLog.objects.values_list("idempotency_key", flat=True)) == {"order-7", "order-8"}
        assert EventLog.objects.count() == 2

    def test_is_told_apart_by_event_type(self, hints: Hints, alice: User) -> None:
        with happenings():
            publish(NewEvent("test.happened", {}, "7"), shipped(alice, idempotency_key="7"))

        assert EventLog.objects.count() == 2

    @pytest.mark.parametrize(
        "value", [0.1, 1e15, -0.0, 2**63 - 1, "ünïcode", "7", "", [1, [2.5]], {"a": None}, True, None]
    )
    def test_knows_every_payload_again(self, value: object, hints: Hints) -> None:
        class Anything(BaseModel):
            value: object

        with happenings(payload=Anything, texts=()):
            for _ in range(2):
                publish(
                    NewEvent("test.happened", {"value": value}, "7"),
                    NewEvent("test.happened", {"value": "another"}, "8"),
                )
            get_event_bus().publish("test.happened", {"value": value}, idempotency_key="7")

        assert EventLog.objects.count() == 2

    def test_outlives_the_first_event_even_if_that_goes_just_now(self, hints: Hints, alice: User) -> None:
        ship(alice)
        EventLog.objects.update(idempotency_key="order-7")

        with meanwhile(EventLog.objects.all().delete, before="SELECT", of=EventLog):
            publish(shipped(alice, idempotency_key="order-7"), shipped(alice, idempotency_key="order-8"))

        assert set(EventLog.objects.values_list("idempotency_key", flat=True)) == {"order-7", "order-8"}


class TestASchedule:
    def test_is_kept_to_the_microsecond(self, hints: Hints, alice: User) -> None:
        moments = [timezone.now() + timedelta(hours=3, microseconds=number) for number in range(3)]

        publish(*[shipped(alice, at=moment) for moment in moments])

        assert list(EventLog.objects.order_by("due_at").values_list("due_at", flat=True)) == moments
        assert hints == []

    def test_holds_back_those_that_have_one(self, alice: User) -> None:
        publish(shipped(alice, at=timezone.now() + timedelta(hours=3)), shipped(alice))
        assert NotifiableEvent.objects.count() == 1

        let_pass(timedelta(hours=4))
        with commit():
            relay()
        assert NotifiableEvent.objects.count() == 2
