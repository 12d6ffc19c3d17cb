"""Listing: which of a person's notifications one wants to see, or to change."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import F, Model, Q, QuerySet, TextChoices, TextField, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Replace
from django.db.models.lookups import IContains
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clarion.direction import END, ISOLATE, without_borders
from clarion.events import EventTypes
from clarion.models import AppNotification

LARGEST_ID = 2**63 - 1


class State(TextChoices):
    """Where a notification stands. `ALL` is the inbox: neither archived nor snoozed."""

    ALL = "all", _("All")
    UNREAD = "unread", _("Unread")
    SNOOZED = "snoozed", _("Snoozed")
    ARCHIVED = "archived", _("Archived")


@dataclass(frozen=True)
class Listing:
    """A state, within it a category, and within that the words that title or message contain.

    An empty `category`, `search` or `ids` leaves nothing out. A category that there is not has none.
    """

    state: State = State.ALL
    category: str = ""
    search: str = ""
    ids: tuple[int, ...] = ()

    def of(self, person: Model) -> QuerySet[AppNotification]:
        """Return the person's notifications that belong here, newest first."""
        rows = in_state(AppNotification.objects.filter(person=person.pk), self.state)
        if self.category:
            names = [event_type.name for event_type in EventTypes.in_category(self.category)]
            rows = rows.filter(event_type__in=names)
        if self.ids:
            rows = rows.filter(pk__in=[pk for pk in self.ids if 0 < pk <= LARGEST_ID])
        if "\0" in self.search:  # no text holds it, and databases refuse to look
            return rows.none()
        if words := without_borders(self.search).strip():
            rows = rows.filter(_contains("title", words) | _contains("message", words))
        return rows.order_by("-pk")


def in_state(rows: QuerySet[AppNotification], state: State) -> QuerySet[AppNotification]:
    """Return those of the rows, whoever's they are, that stand so."""
    if state == State.ARCHIVED:
        return rows.filter(archived_at__isnull=False)
    rows = rows.filter(archived_at=None)
    if state == State.SNOOZED:
        return rows.filter(snoozed_until__gt=timezone.now())
    if state == State.UNREAD:
        rows = rows.filter(is_read=False)
    return rows.filter(Q(snoozed_until=None) | Q(snoozed_until__lte=timezone.now()))


def _contains(field: str, words: str) -> Q:
    text: Combinable = F(field)
    for border in (ISOLATE, END):
        text = Replace(text, Value(border), output_field=TextField())
    return Q(IContains(text, words))
