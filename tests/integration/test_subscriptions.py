"""Subscriptions: which handlers hear of an event."""

import pytest
from django.contrib.auth.models import User

from clarion.bus import subscribe
from clarion.bus.subscriptions import handlers_of
from clarion.events import EventTypes
from clarion.exceptions import ImproperlyDeclared, UnknownEventType
from clarion.models import EventLog, Status
from clarion.testing import subscribed
from tests.integration.happenings import happen, happenings
from tests.integration.orders import ship
from tests.testapp import notifiers

pytestmark = pytest.mark.django_db


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
