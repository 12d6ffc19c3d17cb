"""Subscriptions: which handlers want which events. Held in code, found in each app's `notifiers.py`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from clarion.events import EventTypes
from clarion.exceptions import ImproperlyDeclared
from clarion.models import EventLog

PATH_LIMIT = 200
"""As many as `HandlerRun.handler` holds."""

Handler = Callable[[EventLog], object]
H = TypeVar("H", bound=Handler)

_handlers: dict[str, dict[str, Handler]] = {}


def subscribe(*event_types: str) -> Callable[[H], H]:
    """Have a function called, in a worker, with each event of these types.

    Raises:
        UnknownEventType: a type is not registered.
        ImproperlyDeclared: the function has no name of its own, so that its runs could not be told apart.
    """
    for name in event_types:
        EventTypes.get(name)

    def register(handler: H) -> H:
        path = f"{handler.__module__}.{handler.__qualname__}"
        if "<lambda>" in path:
            raise ImproperlyDeclared(
                "subscribe", "a lambda", "a named function", "write a def and decorate it"
            )
        if len(path) > PATH_LIMIT:
            got, expected = f"a path of {len(path)} characters", f"at most {PATH_LIMIT}"
            raise ImproperlyDeclared(
                "subscribe", got, expected, "give the function or its module a shorter name"
            )
        for name in event_types:
            _handlers.setdefault(name, {})[path] = handler
        return handler

    return register


def unsubscribe(handler: Handler) -> None:
    """Forget a handler for all event types."""
    for subscribed in _handlers.values():
        subscribed.pop(f"{handler.__module__}.{handler.__qualname__}", None)


def handlers_of(event_type: str) -> dict[str, Handler]:
    """Return the subscribed handlers by dotted path, in the order of their declaration."""
    return dict(_handlers.get(event_type, {}))
