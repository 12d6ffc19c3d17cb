"""Publishing is part of the caller's transaction: rolled back means it never happened."""

from contextlib import suppress

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.db import transaction

from clarion.bus import get_event_bus
from clarion.models import EventLog, HandlerRun, NotifiableEvent, Status
from clarion.notifiers import notify
from clarion.testing import assert_notified
from tests.integration.happenings import happen, happenings
from tests.integration.orders import shipping

pytestmark = pytest.mark.django_db(transaction=True)

Hints = list[tuple[str, int]]


class Mishap(Exception):
    """What makes a service fail."""


def test_an_event_whose_transaction_is_rolled_back_never_happened(hints: Hints, alice: User) -> None:
    with suppress(Mishap), transaction.atomic():
        get_event_bus().publish("order.shipped", shipping(alice))
        raise Mishap

    assert not EventLog.objects.exists()
    assert hints == []


def test_an_event_whose_savepoint_is_rolled_back_never_happened_but_its_neighbours_did(
    hints: Hints, alice: User
) -> None:
    with transaction.atomic():
        before = get_event_bus().publish("order.shipped", shipping(alice))
        with suppress(Mishap), transaction.atomic():
            get_event_bus().publish("order.shipped", shipping(alice))
            raise Mishap
        after = get_event_bus().publish("order.shipped", shipping(alice))

    assert set(EventLog.objects.all()) == {before, after}
    assert hints == [("work", 0)] * 2


def test_a_key_that_was_rolled_back_is_free_again(alice: User) -> None:
    with suppress(Mishap), transaction.atomic():
        get_event_bus().publish("order.shipped", shipping(alice), idempotency_key="order-7")
        raise Mishap

    get_event_bus().publish("order.shipped", shipping(alice, item="Ball"), idempotency_key="order-7")

    assert EventLog.objects.get().payload["item"] == "Ball"


def test_the_domain_row_and_the_event_are_committed_together(alice: User) -> None:
    with transaction.atomic():
        User.objects.filter(pk=alice.pk).update(last_name="Liddell")
        event = get_event_bus().publish("order.shipped", shipping(alice))

    alice.refresh_from_db()
    event.refresh_from_db()
    assert (alice.last_name, event.status) == ("Liddell", Status.DONE)


def test_nothing_runs_before_the_commit_and_everything_after_it(alice: User) -> None:
    with transaction.atomic():
        event = get_event_bus().publish("order.shipped", shipping(alice))
        event.refresh_from_db()
        assert event.status == Status.PENDING
        assert not HandlerRun.objects.exists()

    assert_notified(alice, "order.shipped")
    assert len(mail.outbox) == 1


def test_an_event_published_outside_a_transaction_runs_at_once(alice: User) -> None:
    get_event_bus().publish("order.shipped", shipping(alice))

    assert_notified(alice, "order.shipped")


def test_a_handler_that_fails_does_not_undo_what_was_published(alice: User) -> None:
    def fail(event: EventLog) -> None:
        raise Mishap

    with happenings(fail), transaction.atomic():
        User.objects.filter(pk=alice.pk).update(last_name="Liddell")
        event = get_event_bus().publish("test.happened", {})

    alice.refresh_from_db()
    assert alice.last_name == "Liddell"
    assert event.runs.get().status == Status.FAILED


def test_what_a_failing_handler_wrote_is_rolled_back(alice: User) -> None:
    def write_and_fail(event: EventLog) -> None:
        User.objects.filter(pk=alice.pk).update(last_name="Liddell")
        notify(event, people=[alice])
        get_event_bus().publish("order.shipped", shipping(alice))
        raise Mishap

    with happenings(write_and_fail):
        happen()

    alice.refresh_from_db()
    assert alice.last_name == ""
    assert not NotifiableEvent.objects.exists()
    assert not EventLog.objects.filter(event_type="order.shipped").exists()


def test_an_event_that_a_handler_publishes_runs_after_the_handler(alice: User) -> None:
    during = []

    def publish_another(event: EventLog) -> None:
        get_event_bus().publish("order.shipped", shipping(alice))
        during.append(HandlerRun.objects.exclude(event=event).exists())

    with happenings(publish_another):
        happen()

    assert during == [False]
    assert_notified(alice, "order.shipped")


def test_a_handler_can_use_a_transaction_of_its_own(alice: User) -> None:
    def tell_despite_a_mishap(event: EventLog) -> None:
        with suppress(Mishap), transaction.atomic():
            User.objects.filter(pk=alice.pk).update(last_name="Liddell")
            raise Mishap
        notify(event, people=[alice])

    with happenings(tell_despite_a_mishap):
        happen()
        assert_notified(alice, "test.happened")

    alice.refresh_from_db()
    assert alice.last_name == ""
