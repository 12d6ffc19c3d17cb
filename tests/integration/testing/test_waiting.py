"""wait_for_notifications: it waits as long as it must, and says what it found instead."""

import threading
import time

import pytest
from django.contrib.auth.models import User
from django.db import connections

from clarion.models import NotifiableEvent
from clarion.testing import wait_for_notifications
from tests.integration.orders import ship

pytestmark = pytest.mark.django_db


def test_what_is_there_is_returned_at_once(alice: User, bob: User) -> None:
    ship(alice, bob)
    before = time.monotonic()

    found = wait_for_notifications({"event_type": "order.shipped"}, expected_count=2)

    assert [row.person for row in found] == [alice, bob]
    assert time.monotonic() - before < 5


def test_nothing_may_be_waited_for(alice: User) -> None:
    assert wait_for_notifications({"person": alice}, expected_count=0) == []


@pytest.mark.django_db(transaction=True)
def test_what_comes_later_is_waited_for(alice: User) -> None:
    waiting = threading.Event()

    def publish_late() -> None:
        try:
            waiting.wait(0.3)
            ship(alice)
        finally:
            connections.close_all()

    publisher = threading.Thread(target=publish_late)
    publisher.start()
    found = wait_for_notifications({"person": alice, "status": "done"}, timeout=20)
    publisher.join()

    assert found == [NotifiableEvent.objects.get()]


def test_too_few_are_described_after_the_time_is_up(alice: User, bob: User) -> None:
    ship(alice, bob)
    number = NotifiableEvent.objects.get(person=alice).pk
    before = time.monotonic()

    with pytest.raises(TimeoutError) as caught:
        wait_for_notifications({"person": alice}, expected_count=2, timeout=0.2)

    assert 0.2 <= time.monotonic() - before < 5
    assert str(caught.value).splitlines() == [
        "waited 0.2 s for 2 notifiable events by person; found 1",
        f"  #{number} order.shipped, person #{alice.pk}, done",
        "  all notifiable events: 2 order.shipped done",
        "  all events: 1 order.shipped done",
    ]


def test_too_many_are_an_error_too_and_not_all_are_described(alice: User) -> None:
    for _ in range(12):
        NotifiableEvent.objects.create(event_type="order.shipped", person=alice)

    with pytest.raises(TimeoutError) as caught:
        wait_for_notifications({}, timeout=0)

    lines = str(caught.value).splitlines()
    assert lines[0] == "waited 0 s for 1 notifiable events by anything; found 12"
    assert lines[11:] == [
        "  and 2 more",
        "  all notifiable events: 12 order.shipped pending",
        "  all events: none",
    ]


def test_the_error_of_a_row_is_shown(alice: User) -> None:
    NotifiableEvent.objects.create(event_type="order.shipped", person=alice, error="ValueError: no")

    with pytest.raises(TimeoutError, match=r"pending: ValueError: no"):
        wait_for_notifications({"person": alice}, expected_count=2, timeout=0)
