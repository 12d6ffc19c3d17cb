"""EventTypeFilter: rows of one type of event, by the names that people read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from clarion.events import EventTypes

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class EventTypeFilter(admin.SimpleListFilter):
    """Offers what is registered now; the field itself has no choices, which would need migrations."""

    title = _("event type")
    parameter_name = "event_type"
    path = "event_type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, StrOrPromise]]:
        """Return every registered event type."""
        return EventTypes.choices

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the rows of the chosen type."""
        return queryset.filter(**{self.path: self.value()}) if self.value() else queryset


class EventTypeOfEventFilter(EventTypeFilter):
    """The same for rows that hang from an event."""

    path = "event__event_type"


class EventTypeOfRunFilter(EventTypeFilter):
    """The same for rows that hang from a handler run."""

    path = "run__event__event_type"
