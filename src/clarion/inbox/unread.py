"""UnreadCount: how many notifications wait, as far as anyone counts them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

from django.db.models import Count, Model
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clarion.inbox.listing import State, stands
from clarion.inbox.service import NotificationService
from clarion.models import AppNotification

LIMIT = 99
"""What lies beyond is shown as "99+", and not counted."""


class UnreadCount(NamedTuple):
    """A count that stops one after LIMIT. As text it is what a badge shows: "3", or "99+"."""

    number: int

    def __str__(self) -> str:
        return f"{LIMIT}+" if self.number > LIMIT else str(self.number)

    def __bool__(self) -> bool:
        return self.number > 0

    @property
    def label(self) -> str:
        """The name of a link to the inbox, for those who do not see the badge."""
        if self.number > LIMIT:
            return _("Notifications, more than %(limit)d unread") % {"limit": LIMIT}
        if self.number == 0:
            return _("Notifications, none unread")
        text = ngettext("Notifications, %(count)d unread", "Notifications, %(count)d unread", self.number)
        return text % {"count": self.number}


def unread_count(person: Model) -> UnreadCount:
    """Count the person's unread notifications in one query, whose cost does not grow beyond LIMIT rows."""
    return UnreadCount(NotificationService().get_unread_count(person, limit=LIMIT + 1))


def unread_counts(person_ids: Collection[Any]) -> dict[str, int]:
    """Return, by primary key as text, how much these people have not read; who has nothing is left out."""
    rows = AppNotification.objects.filter(stands(State.UNREAD), person__in=person_ids)
    counts = rows.order_by().values_list("person").annotate(Count("pk"))
    return {str(person_id): number for person_id, number in counts}
