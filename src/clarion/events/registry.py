"""EventTypes: the registry of everything that can happen in a project."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from clarion.events.category import Category
from clarion.events.event_type import EventType
from clarion.events.names import closest
from clarion.exceptions import ImproperlyDeclared, UnknownEventType

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class EventTypeRegistry:
    """Event types by name, in the order of their registration.

    Each registered type is an attribute too, whose value is the name:
    `EventTypes.PRODUCT_CREATED == "product.created"`.
    """

    def __init__(self) -> None:
        self._types: dict[str, EventType] = {}

    def register(self, *event_types: EventType) -> None:
        """Add event types: all of them, or none if one is refused. The same object may be added again.

        Raises:
            ImproperlyDeclared: a name, or the attribute made from it, is taken; or one category has two
                display names.
        """
        # A new dict each time: who iterates in another thread sees all of a registration or nothing of it.
        types = dict(self._types)
        for event_type in event_types:
            _check_fits(event_type, types)
            types[event_type.name] = event_type
        self._types = types

    def unregister(self, *event_types: EventType) -> None:
        """Remove event types, for tests that register their own.

        Raises:
            UnknownEventType: one of them is not registered.
        """
        names = {self.get(event_type.name).name for event_type in event_types}
        self._types = {name: event_type for name, event_type in self._types.items() if name not in names}

    def get(self, name: str) -> EventType:
        """Return the event type of this name.

        Raises:
            UnknownEventType: there is none; the message names the one probably meant.
        """
        if name in self:
            return self._types[name]
        raise self._unknown(name)

    def display_name(self, name: str) -> str:
        """Return what people read for an event type, or its bare name if it is not declared any more."""
        return str(self.get(name).display_name) if name in self else name

    @property
    def choices(self) -> list[tuple[str, StrOrPromise]]:
        """Pairs of name and display name, for forms and filters."""
        return [(event_type.name, event_type.display_name) for event_type in self]

    @property
    def categories(self) -> list[Category]:
        """The categories in use, in the order of their first event types."""
        return list({event_type.category.name: event_type.category for event_type in self}.values())

    def in_category(self, name: str) -> list[EventType]:
        """Return the event types of this category; none if no event type uses it."""
        return [event_type for event_type in self if event_type.category.name == name]

    def __iter__(self) -> Iterator[EventType]:
        return iter(self._types.values())

    def __len__(self) -> int:
        return len(self._types)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name in self._types

    def __getattr__(self, constant: str) -> str:
        # Constants never begin with an underscore; copying, pickling and inspection ask for names that do.
        if not constant.startswith("_"):
            constants = {event_type.constant: event_type.name for event_type in self}
            if constant in constants:
                return constants[constant]
            if meant := closest(constant, constants):
                raise AttributeError(f"EventTypes has no {constant}. Did you mean EventTypes.{meant}?")
        raise AttributeError(f"EventTypes has no {constant}.")

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *(event_type.constant for event_type in self)]

    def _unknown(self, name: object) -> UnknownEventType:
        expected = "a registered event type"
        if isinstance(name, EventType):
            return UnknownEventType("event_type", "an EventType", expected, f'pass its name, "{name.name}"')
        if not isinstance(name, str):
            return UnknownEventType("event_type", type(name).__name__, expected, "pass its name, a str")
        fix = "register it in the events.py of an installed app; `EventTypes.choices` lists what there is"
        if meant := closest(name, self._types):
            fix = f'did you mean "{meant}"? Otherwise {fix}'
        shown = repr(name) if len(name) <= 100 else f"str of {len(name)} characters"
        return UnknownEventType("event_type", shown, expected, fix)


def _check_fits(event_type: EventType, types: dict[str, EventType]) -> None:
    name, category = event_type.name, event_type.category
    if types.get(name, event_type) is not event_type:
        got, fix = "a second declaration", "rename one, or import its module under one name only"
        raise ImproperlyDeclared("name", got, "one declaration of each name", fix, name)
    for other in types.values():
        if other.constant == event_type.constant and other.name != name:
            got = f'the constant {event_type.constant}, which "{other.name}" has too'
            raise ImproperlyDeclared("name", got, "a constant of its own", "rename one of the two", name)
        if other.category.name == category.name and other.category != category:
            got = f'two display names for the category "{category.name}"'
            fix = f'declare the category once, and use it for "{other.name}" too'
            raise ImproperlyDeclared("category", got, "one display name for each category", fix, name)


EventTypes = EventTypeRegistry()
"""The event types of this project. Each installed app registers its own in its `events.py`."""
