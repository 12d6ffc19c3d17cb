"""PreferenceForm: a person's choices as a grid, categories by channels, each event type unfolding."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db.models import Model
from django.http import QueryDict
from django.utils.translation import gettext as _

from clarion.events import Category, EventType, EventTypes
from clarion.inbox import cadence_choice
from clarion.inbox.cadence_choice import CadenceChoice
from clarion.inbox.choices import changing
from clarion.inbox.quiet_form import QuietForm
from clarion.models import NotificationPreference

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

Type = NotificationPreference.Type
CHANNELS = {"app": Type.APPS.label, "email": Type.EMAIL.label}
"""The columns of the grid."""


@dataclass(frozen=True)
class Box:
    """One place in the grid."""

    row: str
    channel: str
    label: StrOrPromise
    is_on: bool
    is_offered: bool = True


@dataclass(frozen=True)
class Row:
    """A category or an event type, and where the person is told of it."""

    name: str
    label: StrOrPromise
    boxes: list[Box]
    follows: bool = True
    """Whether an event type has no choice of its own."""
    is_locked: bool = False


@dataclass(frozen=True)
class Section:
    """One category on the page."""

    name: str
    label: StrOrPromise
    whole: Row | None
    """The choice for the category; None where everything in it is mandatory."""
    cadence: CadenceChoice | None
    """How often its mails come; None where none may wait."""
    finer: list[Row] = field(default_factory=list)
    locked: list[Row] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        """Whether the event types should be in sight at once: one of them goes its own way."""
        return any(not row.follows for row in self.finer)


class PreferenceForm:
    """Takes the rows that a page showed, and leaves all others as they are stored.

    A row comes as `row=<its name>`, and as `<its name>=<channel>` for each box that is on; a cadence as
    `cadence-<category>=<cadence>`, empty for at once. What is as it
    was before does not count as chosen: so an event type goes on following its category until it is
    given a choice of its own, and follows again once that is the category's, or `follow` names it.
    """

    def __init__(self, person: Model, data: QueryDict | None = None) -> None:
        """Begin with what the person has stored, or with the default where that is nothing."""
        self._person = person
        self._data = data
        self._stored = NotificationPreference.objects.filter(person=person.pk).first()
        self.problems = [] if data is None else list(self._problems(data))
        self.quiet = QuietForm(data if data is not None and "quiet_from" in data else None, self.preference)

    @property
    def preference(self) -> NotificationPreference:
        """What is stored; an unsaved record of defaults where nothing is."""
        return self._stored or NotificationPreference()

    @property
    def is_valid(self) -> bool:
        """Whether there is something to save, and nothing wrong with it."""
        is_quiet_fine = not self.quiet.is_bound or self.quiet.is_valid()
        return self._data is not None and is_quiet_fine and not self.problems

    @property
    def sections(self) -> list[Section]:
        """The grid, as it is stored; what could not be saved is shown as it was sent."""
        return [self._section(category) for category in EventTypes.categories]

    def save(self) -> None:
        """Store the choices. Whoever saves at the same time waits, and neither loses the record."""
        assert self._data is not None
        with changing(self._person) as preference:
            before = {row: _channels(preference, row) for row in _rows()}
            sent = {row: frozenset(self._data.getlist(row)) for row in self._data.getlist("row")}
            changed = {row: channels for row, channels in sent.items() if channels != before[row]}
            for row, channels in sorted(changed.items()):  # categories before event types
                _choose(preference, row, channels)
            for row in self._data.getlist("follow"):
                preference.event_types.pop(_rows()[row].name, None)
            cadence_choice.write_to(preference, self._data)
            if self.quiet.is_bound:
                self.quiet.write_to(preference)
        self._stored, self._data = preference, None

    def _section(self, category: Category) -> Section:
        event_types = EventTypes.in_category(category.name)
        optional = [event_type for event_type in event_types if not event_type.mandatory]
        return Section(
            name=category.name,
            label=category.display_name,
            whole=self._row(category) if optional else None,
            cadence=cadence_choice.cadence_choice(category, self.preference, self._data),
            finer=[self._row(event_type) for event_type in optional],
            locked=[_locked(event_type) for event_type in event_types if event_type.mandatory],
        )

    def _row(self, what: Category | EventType) -> Row:
        name = _name(what)
        on = _channels(self.preference, name)
        if self._data is not None and name in self._data.getlist("row"):
            on = frozenset(self._data.getlist(name))
        offered = what.channels if isinstance(what, EventType) else tuple(CHANNELS)
        boxes = [
            Box(name, channel, label, channel in on, channel in offered)
            for channel, label in CHANNELS.items()
        ]
        follows = isinstance(what, Category) or what.name not in self.preference.event_types
        return Row(name, what.display_name, boxes, follows)

    @staticmethod
    def _problems(data: QueryDict) -> Iterator[str]:
        locked: dict[str, Category | EventType] = {_name(what): what for what in _locked_ones()}
        yield from cadence_choice.problems_of(data)
        rows = _rows()
        named = (name for name in data if "-" in name and not name.startswith(cadence_choice.PREFIX))
        for row in {*data.getlist("row"), *data.getlist("follow"), *named}:
            if row in locked:
                message = _("“%(name)s” cannot be turned off: everyone concerned must be told.")
                yield message % {"name": locked[row].display_name}
            elif row not in rows:
                yield _("This page is out of date: there is no such choice any more.")
            elif not set(data.getlist(row)) <= set(_offered(rows[row])):
                yield _("“%(name)s” cannot come that way.") % {"name": rows[row].display_name}


def _rows() -> dict[str, Category | EventType]:
    """Return by name what can be chosen."""
    optional = [event_type for event_type in EventTypes if not event_type.mandatory]
    categories = {event_type.category.name: event_type.category for event_type in optional}
    whats: list[Category | EventType] = [*categories.values(), *optional]
    return {_name(what): what for what in whats}


def _locked_ones() -> Iterator[Category | EventType]:
    for category in EventTypes.categories:
        event_types = EventTypes.in_category(category.name)
        mandatory = [event_type for event_type in event_types if event_type.mandatory]
        if mandatory == event_types:
            yield category
        yield from mandatory


def _name(what: Category | EventType) -> str:
    return f"{'category' if isinstance(what, Category) else 'event'}-{what.name}"


def _offered(what: Category | EventType) -> tuple[str, ...]:
    return tuple(CHANNELS) if isinstance(what, Category) else what.channels


def _channels(preference: NotificationPreference, row: str) -> frozenset[str]:
    """Return where the person is told, as it stands."""
    what = _rows()[row]
    if isinstance(what, Category):
        return (preference.for_category(what.name) or preference.DEFAULT).channels
    return preference.choice_for(what).channels & frozenset(what.channels)


def _choose(preference: NotificationPreference, row: str, channels: frozenset[str]) -> None:
    what = _rows()[row]
    choice = next(choice for choice in Type if choice.channels == channels)
    if isinstance(what, Category):
        preference.categories[what.name] = choice.value
        return
    preference.event_types.pop(what.name, None)
    if channels != _channels(preference, row):
        preference.event_types[what.name] = choice.value


def _locked(event_type: EventType) -> Row:
    boxes = [
        Box("", channel, label, is_on=True, is_offered=channel in event_type.channels)
        for channel, label in CHANNELS.items()
    ]
    return Row(_name(event_type), event_type.display_name, boxes, is_locked=True)
