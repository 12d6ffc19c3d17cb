"""registered() and subscribed(): event types and handlers for the length of a test."""

import pytest

from clarion.bus.subscriptions import handlers_of, subscribe, unsubscribe
from clarion.events import EventTypes
from clarion.exceptions import ImproperlyDeclared, UnknownEventType
from clarion.models import EventLog
from clarion.testing import registered, subscribed
from tests.integration.happenings import happening
from tests.testapp.notifiers import handle_order_shipped


class Mishap(Exception):
    """What ends a block early."""


def note(event: EventLog) -> None:
    """A handler that has nothing to say."""


class TestRegistered:
    def test_event_types_are_there_until_the_block_is_left(self) -> None:
        with registered(happening(), happening(name="test.ended")):
            assert EventTypes.TEST_HAPPENED == "test.happened"
            assert "test.ended" in EventTypes

        assert "test.happened" not in EventTypes
        assert "test.ended" not in EventTypes

    def test_event_types_are_gone_after_an_error_too(self) -> None:
        with pytest.raises(Mishap), registered(happening()):
            raise Mishap

        assert "test.happened" not in EventTypes

    def test_all_of_them_are_refused_if_one_is(self) -> None:
        with (
            pytest.raises(ImproperlyDeclared),
            registered(happening(), happening(name="order.shipped")),
        ):
            pass

        assert "test.happened" not in EventTypes
        assert EventTypes.get("order.shipped").display_name == "Order shipped"

    def test_what_was_registered_before_stays(self) -> None:
        before = list(EventTypes)
        with registered(EventTypes.get("order.shipped"), happening()):
            pass

        assert list(EventTypes) == before

    def test_blocks_may_be_nested(self) -> None:
        event_type = happening()
        with registered(event_type):
            with registered(event_type):
                pass
            assert "test.happened" in EventTypes


class TestSubscribed:
    def test_a_handler_is_there_until_the_block_is_left(self) -> None:
        with subscribed(note, to="order.shipped"):
            assert note in handlers_of("order.shipped").values()

        assert note not in handlers_of("order.shipped").values()

    def test_a_handler_is_gone_after_an_error_too(self) -> None:
        with pytest.raises(Mishap), subscribed(note, to="order.shipped"):
            raise Mishap

        assert note not in handlers_of("order.shipped").values()

    def test_a_handler_keeps_its_other_subscriptions(self) -> None:
        subscribe("stock.counted")(note)
        try:
            with subscribed(note, to="order.shipped"):
                pass
            assert list(handlers_of("stock.counted").values()) == [note]
        finally:
            unsubscribe(note)

    def test_a_handler_that_was_subscribed_before_stays(self) -> None:
        with subscribed(handle_order_shipped, to="order.shipped"):
            pass

        assert list(handlers_of("order.shipped").values()) == [handle_order_shipped]

    def test_an_unknown_event_type_is_refused(self) -> None:
        with pytest.raises(UnknownEventType), subscribed(note, to="order.shiped"):
            pass
