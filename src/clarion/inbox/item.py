"""Item: what stands as one in the list, be it one notification or several of a kind."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Model
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from clarion import placeholders
from clarion.events import EventTypes
from clarion.exceptions import ClarionError
from clarion.inbox.listing import Listing
from clarion.inbox.page import SIZE_LIMIT, Page
from clarion.inbox.service import NotificationService
from clarion.models import AppNotification, AppNotificationTemplate, Mute, NotificationPreference
from clarion.models.app_notification import TITLE_LIMIT
from clarion.rendering.lookup import TemplateShelf

READ_AHEAD = 3
"""Rows are read for as many pages as this, so that a burst that folds into one item leaves room."""

_service = NotificationService()


@dataclass
class Item:
    """One notification, or a group of several: of one type, all read or all unread, newest first."""

    notifications: list[AppNotification]
    title: str = ""
    is_muted: bool = False
    is_off: bool = False
    """Whether the person has turned this type of event off since."""

    @property
    def newest(self) -> AppNotification:
        """The one that gives the item its place in the list."""
        return self.notifications[0]

    @property
    def is_group(self) -> bool:
        """Whether there are several."""
        return len(self.notifications) > 1

    @property
    def ids(self) -> str:
        """The notifications' ids, as one word for a form."""
        return ",".join(str(notification.pk) for notification in self.notifications)

    @property
    def subject(self) -> str:
        """What it is about, such as "product:12"; "" where that is unknown, or differs within the group."""
        subjects = {subject_of(notification) for notification in self.notifications}
        return subjects.pop() if len(subjects) == 1 else ""

    @property
    def is_unseen(self) -> bool:
        """Whether the person has not had all of it in sight."""
        return any(notification.seen_at is None for notification in self.notifications)

    @property
    def is_snoozed(self) -> bool:
        """Whether it sleeps now."""
        until = self.newest.snoozed_until
        return until is not None and until > timezone.now()

    @property
    def is_back(self) -> bool:
        """Whether it was snoozed, is back, and has not been read since."""
        return self.newest.snoozed_until is not None and not self.is_snoozed and not self.newest.is_read

    @cached_property
    def kind(self) -> str:
        """What people call this type of event."""
        return EventTypes.display_name(self.newest.event_type)

    @property
    def can_be_turned_off(self) -> bool:
        """Whether the person may choose to hear of this type of event no more."""
        name = self.newest.event_type
        return name in EventTypes and not EventTypes.get(name).mandatory


def subject_of(notification: AppNotification) -> str:
    """Return what the notification is about; "" where its event says nothing of that."""
    event = notification.event.event_log
    return event.subject if event else ""


def item_page(person: Model, listing: Listing, cursor: str, size: int) -> Page[Item]:
    """Return a page of items, in a number of queries that does not depend on how many there are.

    A page ends where one more item would be too many, so that nothing is shown twice, or not at all.

    Raises:
        InvalidCursor: the cursor was not made here, or the size is not within 1 to 100.
    """
    ahead = min(size * READ_AHEAD, SIZE_LIMIT) if 1 <= size <= SIZE_LIMIT else size
    rows = _service.get_notifications(person, listing, cursor, ahead)
    items, used = _folded(rows.items, size, is_folding=not listing.search)
    describe(person, items)
    if used < len(rows.items):
        return Page(items, str(rows.items[used - 1].pk))
    return Page(items, rows.next_cursor)


def describe(person: Model, items: Sequence[Item]) -> None:
    """Give the items their titles, and say which of them the person has turned off or muted."""
    groups = [item for item in items if item.is_group]
    names = {item.newest.event_type for item in groups if item.newest.event_type in EventTypes}
    shelf = TemplateShelf(AppNotificationTemplate, names) if names else None
    muted = _muted(person, {item.subject for item in items if item.subject})
    preference = NotificationPreference.objects.filter(person=person.pk).first() if items else None
    for item in items:
        item.title = _title_of_group(item, shelf) if item.is_group else item.newest.title
        item.is_muted = item.subject in muted
        item.is_off = _is_off(item, preference)


def _folded(rows: Sequence[AppNotification], size: int, *, is_folding: bool) -> tuple[list[Item], int]:
    """Return at most `size` items, and how many rows they hold."""
    items: list[Item] = []
    open_groups: dict[tuple[str, ...], Item] = {}
    for used, row in enumerate(rows):
        key = _group_of(row) if is_folding else None
        if key and key in open_groups:
            open_groups[key].notifications.append(row)
            continue
        if len(items) == size:
            return items, used
        items.append(Item([row]))
        if key:
            open_groups[key] = items[-1]
    return items, len(rows)


def _group_of(row: AppNotification) -> tuple[str, ...] | None:
    group_by = EventTypes.get(row.event_type).group_by if row.event_type in EventTypes else ""
    if not group_by:
        return None
    about = subject_of(row) if group_by == "subject" else "any"
    if not about:
        return None
    # What is to come back, and what is back, stays a thing of its own.
    alone = str(row.pk) if row.snoozed_until and not row.is_read else ""
    return (row.event_type, about, str(row.is_read), alone)


def _title_of_group(item: Item, shelf: TemplateShelf | None) -> str:
    newest = item.newest
    if shelf is None or newest.event_type not in EventTypes:
        return item.kind
    event_type = EventTypes.get(newest.event_type)
    params = {**newest.event.params, "count": len(item.notifications)}
    if event_type.actor:
        params["people"] = _people(
            notification.event.params.get(event_type.actor) for notification in item.notifications
        )
    try:
        template = shelf.find(newest.event_type, get_language() or "")
        title = placeholders.render_line(getattr(template, "group_template", ""), params, TITLE_LIMIT)
    except ClarionError:
        title = ""
    return title or item.kind


def _people(names: Any) -> str:
    """Return "Kevin and 7 others", each person counted once; "Someone" where nobody is named."""
    known = list(dict.fromkeys(str(name) for name in names if name))
    if not known:
        return _("Someone")
    if len(known) == 1:
        return known[0]
    others = len(known) - 1
    text = (
        _("%(first)s and %(second)s")
        if others == 1
        else ngettext("%(first)s and %(count)d other", "%(first)s and %(count)d others", others)
    )
    names = {"first": known[0], "second": known[1]}
    template = text % {**{name: f"{{{name}}}" for name in names}, "count": others}
    return placeholders.Rendered(placeholders.render_line(template, names, TITLE_LIMIT))


def _muted(person: Model, subjects: Collection[str]) -> set[str]:
    if not subjects:
        return set()
    mutes = Mute.objects.filter(person=person.pk, subject__in=subjects)
    return set(mutes.values_list("subject", flat=True))


def _is_off(item: Item, preference: NotificationPreference | None) -> bool:
    if preference is None or not item.can_be_turned_off:
        return False
    return not preference.choice_for(EventTypes.get(item.newest.event_type)).channels
