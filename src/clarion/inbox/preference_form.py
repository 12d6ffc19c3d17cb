"""PreferenceForm: a person's choices, by category and, finer, by event type."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from django import forms
from django.db import transaction
from django.db.models import Model
from django.forms.boundfield import BoundField
from django.utils.translation import gettext as _

from clarion.events import Category, EventType, EventTypes
from clarion.models import NotificationPreference

FOLLOW = "follow"
"""The event type has no choice of its own: its category's holds."""


class LockedRow(NamedTuple):
    """A mandatory event type, and the one answer there is."""

    display_name: str
    choice: str


@dataclass(frozen=True)
class Section:
    """One category on the page."""

    display_name: str
    choice: BoundField | None
    """The choice for the category; None where everything in it is mandatory."""
    finer: list[BoundField]
    """The choices for its event types."""
    locked: list[LockedRow]

    @property
    def is_open(self) -> bool:
        """Whether the finer choices should be in sight at once: one differs, or is wrong."""
        return any(field.errors or field.value() != FOLLOW for field in self.finer)


class PreferenceForm(forms.Form):
    """Asks for every choice there is. What it does not ask for stays as it is stored."""

    use_required_attribute = False  # a browser cannot show what is missing inside closed details

    def __init__(self, person: Model, data: Mapping[str, Any] | None = None) -> None:
        """Begin with what the person has stored, or with the default where that is nothing."""
        super().__init__(data)
        self._person = person
        self._places: dict[str, tuple[str, str]] = {}
        found = NotificationPreference.objects.filter(person=person.pk).first()
        stored = found or NotificationPreference()
        self.sections = [self._section(category, stored) for category in EventTypes.categories]

    def clean(self) -> dict[str, Any]:
        """Explain that a mandatory event type stays on, to whoever asks for something else."""
        for name, display_name in _locked_names():
            if name in self.data:
                message = _("“%(name)s” cannot be turned off: everyone concerned must be told.")
                self.add_error(None, message % {"name": display_name})
        return self.cleaned_data

    def save(self) -> None:
        """Store the choices. Whoever saves at the same time waits, and neither loses the record."""
        with transaction.atomic():
            records = NotificationPreference.objects.select_for_update()
            preference, _created = records.get_or_create(person_id=self._person.pk)
            for field, (column, name) in self._places.items():
                choices = getattr(preference, column)
                if self.cleaned_data[field] == FOLLOW:
                    choices.pop(name, None)
                else:
                    choices[name] = self.cleaned_data[field]
            preference.save(update_fields=["categories", "event_types"])

    def _section(self, category: Category, stored: NotificationPreference) -> Section:
        event_types = EventTypes.in_category(category.name)
        optional = [event_type for event_type in event_types if not event_type.mandatory]
        return Section(
            display_name=str(category.display_name),
            choice=self._ask_for_category(category, stored) if optional else None,
            finer=[self._ask_for_event_type(event_type, stored) for event_type in optional],
            locked=[
                LockedRow(str(event_type.display_name), str(_widest_choice(event_type.channels).label))
                for event_type in event_types
                if event_type.mandatory
            ],
        )

    def _ask_for_category(self, category: Category, stored: NotificationPreference) -> BoundField:
        choice = stored.for_category(category.name) or stored.DEFAULT
        return self._ask(
            _category_field(category),
            ("categories", category.name),
            category.display_name,
            NotificationPreference.Type.choices,
            choice,
        )

    def _ask_for_event_type(self, event_type: EventType, stored: NotificationPreference) -> BoundField:
        initial = FOLLOW
        if choice := stored.for_event_type(event_type.name):
            initial = _widest_choice(choice.channels & set(event_type.channels)).value
        follow = _("As for %(category)s") % {"category": event_type.category.display_name}
        return self._ask(
            _event_type_field(event_type),
            ("event_types", event_type.name),
            event_type.display_name,
            [(FOLLOW, follow), *((each.value, each.label) for each in _choices_within(event_type.channels))],
            initial,
        )

    def _ask(self, field: str, place: tuple[str, str], label: Any, choices: Any, initial: str) -> BoundField:
        self.fields[field] = forms.ChoiceField(
            label=label, choices=choices, initial=initial, widget=forms.RadioSelect
        )
        self._places[field] = place
        return self[field]


def _category_field(category: Category) -> str:
    return f"category-{category.name}"


def _event_type_field(event_type: EventType) -> str:
    return f"event-{event_type.name}"


def _locked_names() -> Iterator[tuple[str, str]]:
    for category in EventTypes.categories:
        event_types = EventTypes.in_category(category.name)
        mandatory = [event_type for event_type in event_types if event_type.mandatory]
        if mandatory == event_types:
            yield _category_field(category), str(category.display_name)
        for event_type in mandatory:
            yield _event_type_field(event_type), str(event_type.display_name)


def _choices_within(channels: Collection[str]) -> list[NotificationPreference.Type]:
    return [choice for choice in NotificationPreference.Type if choice.channels <= set(channels)]


def _widest_choice(channels: Collection[str]) -> NotificationPreference.Type:
    """Return the choice that makes the most of these channels, and uses no others."""
    return max(_choices_within(channels), key=lambda choice: len(choice.channels))
