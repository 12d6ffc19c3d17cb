"""An event type for tests to change as they need."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from pydantic import BaseModel

from clarion.bus import get_event_bus
from clarion.bus.subscriptions import Handler
from clarion.events import AppText, EmailText, EventType
from clarion.models import EventLog
from clarion.rendering.installation import install_templates
from clarion.testing import commit, registered, subscribed
from tests.testapp.events import ORDERS


class Happening(BaseModel):
    text: str = "rain"


def happening(**changes: Any) -> EventType:
    """Return the event type `test.happened`, complete but for what a test changes."""
    declaration: dict[str, Any] = {
        "name": "test.happened",
        "display_name": "Something happened",
        "category": ORDERS,
        "payload": Happening,
        "texts": (
            AppText(title="News: {text}", message="It is {text}."),
            EmailText(title="News: {text}", template="It is {text}.\n"),
        ),
    }
    return EventType(**(declaration | changes))


@contextmanager
def happenings(*handlers: Handler, **changes: Any) -> Iterator[EventType]:
    """Register the type, with its texts in the database and these handlers subscribed, until left."""
    event_type = happening(**changes)
    with ExitStack() as stack:
        stack.enter_context(registered(event_type))
        install_templates()
        for handler in handlers:
            stack.enter_context(subscribed(handler, to=event_type.name))
        yield event_type


def happen(event_type: str = "test.happened", **payload: Any) -> EventLog:
    """Publish one, commit, and return the event as it is then."""
    with commit():
        event = get_event_bus().publish(event_type, payload)
    event.refresh_from_db()
    return event
