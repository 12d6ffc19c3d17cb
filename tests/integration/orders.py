"""The everyday events of the test project's shop."""

from typing import Any

from django.contrib.auth.models import User

from clarion.bus import get_event_bus
from clarion.events import EventTypes
from clarion.models import EventLog
from clarion.testing import commit


def shipping(*people: User, **changes: Any) -> dict[str, Any]:
    """Return a payload that tells these people of a shipped order."""
    payload = {
        "order_id": 7,
        "item": "Kite",
        "url": "/orders/7/",
        "person_ids": [person.pk for person in people],
    }
    return payload | changes


def ship(*people: User, **changes: Any) -> EventLog:
    """Publish that an order was shipped, commit, and return the event as it is then."""
    with commit():
        event = get_event_bus().publish(EventTypes.ORDER_SHIPPED, shipping(*people, **changes))
    event.refresh_from_db()
    return event


def take_back(buyers: list[User], keepers: list[User]) -> EventLog:
    """Publish that an order came back, commit, and return the event as it is then."""
    payload = {
        "order_id": 7,
        "item": "Kite",
        "buyer_ids": [person.pk for person in buyers],
        "keeper_ids": [person.pk for person in keepers],
    }
    with commit():
        event = get_event_bus().publish(EventTypes.ORDER_RETURNED, payload)
    event.refresh_from_db()
    return event
