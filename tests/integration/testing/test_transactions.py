"""commit(): in a test's own transaction, what was to follow a commit follows."""

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.test import TestCase

from clarion.bus import get_event_bus
from clarion.models import EventLog, NotifiableEvent, Status
from clarion.testing import assert_notified, commit
from tests.integration.orders import shipping


class Mishap(Exception):
    """What makes a service fail."""


def publish(person: User) -> EventLog:
    return get_event_bus().publish("order.shipped", shipping(person))


@pytest.mark.django_db
class TestInATestsOwnTransaction:
    def test_nothing_happens_without_it(self, alice: User) -> None:
        publish(alice)

        assert EventLog.objects.get().status == Status.PENDING

    def test_everything_happens_at_its_end_and_not_before(self, alice: User) -> None:
        with commit():
            publish(alice)
            assert not NotifiableEvent.objects.exists()

        assert_notified(alice, "order.shipped", channel="email")

    def test_what_was_rolled_back_inside_does_not_happen(self, alice: User) -> None:
        with commit(), transaction.atomic():
            publish(alice)
            transaction.set_rollback(True)

        assert not EventLog.objects.exists()
        assert not NotifiableEvent.objects.exists()

    def test_what_waits_from_before_does_not_happen_either(self, alice: User, bob: User) -> None:
        publish(bob)
        with commit():
            publish(alice)

        assert NotifiableEvent.objects.get().person == alice

    def test_an_error_inside_comes_out(self) -> None:
        with pytest.raises(Mishap), commit():
            raise Mishap

    def test_the_test_s_transaction_is_still_the_test_s(self, alice: User) -> None:
        with commit():
            publish(alice)

        assert connection.in_atomic_block


@pytest.mark.django_db(transaction=True)
def test_in_a_test_without_a_transaction_real_commits_do_it(alice: User) -> None:
    with commit():
        publish(alice)
        assert_notified(alice, "order.shipped")

    assert NotifiableEvent.objects.count() == 1


class TestWithoutPytest(TestCase):
    """The kit works under Django's own test runner too."""

    def test_what_is_published_happens(self) -> None:
        alice = User.objects.create(username="alice", email="alice@people.example")
        with commit():
            publish(alice)

        assert_notified(alice, "order.shipped")
