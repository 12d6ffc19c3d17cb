"""Listing: which of a person's notifications one wants to see, or to change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Model, Q, QuerySet, TextChoices, TextField, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Replace
from django.db.models.lookups import IContains
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clarion.database.statement import Slot
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
        rows = AppNotification.objects.filter(stands(self.state), person=person.pk)
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


def stands(state: State, now: datetime | Slot | None = None) -> Q:
    """Match notifications, whoever's they are, that stand so at a moment, which is this one by default."""
    now = now or timezone.now()
    if state == State.ARCHIVED:
        return Q(archived_at__isnull=False)
    if state == State.SNOOZED:
        return Q(archived_at=None, snoozed_until__gt=now)
    is_awake = Q(snoozed_until=None) | Q(snoozed_until__lte=now)
    return Q(is_awake, archived_at=None, **({"is_read": False} if state == State.UNREAD else {}))


def _contains(field: str, words: str) -> Q:
    text: Combinable = F(field)
    for border in (ISOLATE, END):
        text = Replace(text, Value(border), output_field=TextField())
    return Q(IContains(text, words))
