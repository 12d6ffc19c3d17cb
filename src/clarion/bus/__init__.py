"""The event bus: what is published is logged, handed to its handlers, and seen through."""

from clarion.bus.event_bus import EventBus, get_event_bus
from clarion.bus.publication import NewEvent
from clarion.bus.subscriptions import subscribe

__all__ = ["EventBus", "NewEvent", "get_event_bus", "subscribe"]
