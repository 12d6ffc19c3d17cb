"""Preferences: a person's choices, as selects rather than as the JSON they are stored in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import TextChoices
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clarion.admin.search import SearchAdmin, person_search_fields
from clarion.events import EventTypes
from clarion.models import Cadence, NotificationPreference
from clarion.preferences.cadence import categories_that_may_wait


@dataclass(frozen=True)
class Place:
    """Where a form field's choice is stored."""

    column: str
    key: str
    label: Any
    blank: Any
    values: type[TextChoices] = NotificationPreference.Type

    @property
    def field(self) -> str:
        """The form field's name."""
        return f"{self.column}-{self.key}"


class PreferenceAdminForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """Writes the selects back into the JSON. What no event type uses any more is left out."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Begin with what is stored."""
        super().__init__(*args, **kwargs)
        for place in _places():
            stored = getattr(self.instance, place.column)
            self.initial.setdefault(place.field, stored.get(place.key, ""))

    def clean(self) -> dict[str, Any]:
        """Put the choices into the instance, where the model checks them."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        choices: dict[str, dict[str, str]] = {column: {} for column in _COLUMNS}
        for place in _places():
            if choice := cleaned.get(place.field):
                choices[place.column][place.key] = choice
        for column, chosen in choices.items():
            setattr(self.instance, column, chosen)
        return cleaned


@admin.register(NotificationPreference)
class NotificationPreferenceAdmin(SearchAdmin):
    """What each person chose."""

    list_display = ("person", "choices")
    list_select_related = ("person",)
    search_help_text = _("The ID of a person, or part of their name.")
    number_fields = ("person",)
    raw_id_fields = ("person",)

    def get_search_fields(self, request: HttpRequest) -> list[str]:
        """Return what the person model has to search."""
        return person_search_fields()

    def get_form(
        self,
        request: HttpRequest,
        obj: NotificationPreference | None = None,
        change: bool = False,
        **kwargs: Any,
    ) -> Any:
        """Return a form with a select for each category and each event type there is today."""
        selects = {place.field: _select(place) for place in _places()}
        form = type("PreferenceAdminForm", (PreferenceAdminForm,), selects)
        return super().get_form(request, obj, change, form=form, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: NotificationPreference | None = None) -> Any:
        """Return the selects; those who may only look see what is stored."""
        may_edit = self.has_change_permission(request, obj) if obj else self.has_add_permission(request)
        if not may_edit:
            return [(None, {"fields": ["person", *_COLUMNS]})]
        return [
            (None, {"fields": ["person"]}),
            *(
                (title, {"fields": [place.field for place in _places() if place.column == column]})
                for column, title in _COLUMNS.items()
            ),
        ]

    @admin.display(description=_("choices"))
    def choices(self, preference: NotificationPreference) -> str:
        """Return what was chosen, in words."""
        chosen = (
            (place.label, place.values(stored).label)
            for place in _places()
            if (stored := getattr(preference, place.column).get(place.key)) in place.values.values
        )
        return "; ".join(f"{label}: {choice}" for label, choice in chosen)


_COLUMNS = {"categories": _("By category"), "event_types": _("By event type"), "cadences": _("Digests")}


def _places() -> Iterator[Place]:
    """Yield what can be chosen: mandatory event types cannot."""
    default = gettext("Not chosen: %(default)s") % {"default": NotificationPreference.DEFAULT.label}
    for category in EventTypes.categories:
        yield Place("categories", category.name, category.display_name, default)
    for event_type in EventTypes:
        if not event_type.mandatory:
            follow = gettext("As for %(category)s") % {"category": event_type.category.display_name}
            yield Place("event_types", event_type.name, event_type.display_name, follow)
    for category in categories_that_may_wait():
        yield Place("cadences", category.name, category.display_name, gettext("at once"), Cadence)


def _select(place: Place) -> forms.ChoiceField:
    choices = [("", place.blank), *place.values.choices]
    return forms.ChoiceField(label=place.label, choices=choices, required=False)
