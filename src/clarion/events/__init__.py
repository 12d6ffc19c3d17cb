"""What can happen: event types, their categories, payload schemas and default texts."""

from clarion.events.category import Category
from clarion.events.event_type import EventType
from clarion.events.registry import EventTypeRegistry, EventTypes
from clarion.events.texts import AppText, EmailText

__all__ = ["AppText", "Category", "EmailText", "EventType", "EventTypeRegistry", "EventTypes"]
