"""Listing: which of a person's notifications one wants to see, or to change."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Model, Q, QuerySet, TextChoices
from django.utils import timezone
from django.utils.translation import pgettext_lazy

from clarion.events import EventTypes
from clarion.models import AppNotification


class State(TextChoices):
    """Where a notification stands. `ALL` is the inbox: neither archived nor snoozed."""

    ALL = "all", pgettext_lazy("notifications", "All")
    UNREAD = "unread", pgettext_lazy("notifications", "Unread")
    SNOOZED = "snoozed", pgettext_lazy("notifications", "Snoozed")
    ARCHIVED = "archived", pgettext_lazy("notifications", "Archived")


@dataclass(frozen=True)
class Listing:
    """A state, within it a category, and within that the words that title or message contain.

    An empty `category` or `search` leaves nothing out. A category that there is not has no notifications.
    """

    state: State = State.ALL
    category: str = ""
    search: str = ""

    def of(self, person: Model) -> QuerySet[AppNotification]:
        """Return the person's notifications that belong here, newest first."""
        rows = in_state(AppNotification.objects.filter(person=person.pk), self.state)
        if self.category:
            names = [event_type.name for event_type in EventTypes.in_category(self.category)]
            rows = rows.filter(event_type__in=names)
        if "\0" in self.search:  # no text holds it, and databases refuse to look
            return rows.none()
        if words := self.search.strip():
            rows = rows.filter(Q(title__icontains=words) | Q(message__icontains=words))
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
