"""Registration for the length of a test: event types and handlers that never ship."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from clarion.bus.subscriptions import Handler, handlers_of, subscribe, unsubscribe
from clarion.events import EventType, EventTypes


@contextmanager
def registered(*event_types: EventType) -> Iterator[None]:
    """Register event types until the block is left.

    Their texts are not stored, so what is rendered falls back; `install_templates()` of
    `clarion.rendering.installation`, called inside the block, stores them.

    Raises:
        ImproperlyDeclared: one of them is not accepted; none is registered then.
    """
    added = [event_type for event_type in event_types if event_type not in set(EventTypes)]
    EventTypes.register(*event_types)
    try:
        yield
    finally:
        EventTypes.unregister(*added)


@contextmanager
def subscribed(handler: Handler, *, to: str) -> Iterator[None]:
    """Subscribe a handler to an event type until the block is left; its other subscriptions stay.

    Args:
        handler: a named function that takes an event. One defined in the test will do.
        to: the name of a registered event type.

    Raises:
        UnknownEventType: there is no such type.
        ImproperlyDeclared: the handler is a lambda.
    """
    before = [
        event_type.name for event_type in EventTypes if handler in handlers_of(event_type.name).values()
    ]
    subscribe(to)(handler)
    try:
        yield
    finally:
        unsubscribe(handler)
        subscribe(*before)(handler)
