"""NotificationService: what a person can do with their notifications, and only with theirs."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction
from django.db.models import Model, QuerySet, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from clarion.inbox.change import Action, Change
from clarion.inbox.listing import LARGEST_ID, Listing, State
from clarion.inbox.page import Page, page_of
from clarion.inbox.stamping import clear, stamp, undo
from clarion.inbox.tally import tally
from clarion.models import AppNotification, EmailNotification, Mute
from clarion.models.mute import TITLE_LIMIT
from clarion.realtime.announcement import announce_action

PAGE_SIZE = 20

Selection = int | Collection[int] | Listing
"""One notification, many, or all that belong to a listing. Ids of others' are as good as none."""

EVERYTHING = Listing()


class Counts(NamedTuple):
    """How many notifications a person has. What is snoozed or archived is in no other count."""

    unread: int
    unseen: int
    snoozed: int
    archived: int


class NotificationService:
    """Every look-up is scoped to the person: another's notification is one that does not exist."""

    def get_unread_notifications(self, person: Model) -> QuerySet[AppNotification]:
        """Return the person's unread notifications, newest first, without those archived or snoozed."""
        return _with_event(Listing(State.UNREAD).of(person))

    def get_unread_count(self, person: Model, limit: int | None = None) -> int:
        """Return how many notifications the person has not read, by an index alone.

        Args:
            limit: where to stop counting, for those who show no more than "99+" anyway.
        """
        return tally(person, State.UNREAD, limit)

    def get_counts(self, person: Model, limit: int | None = None) -> Counts:
        """Return how many notifications the person has in each state.

        Args:
            limit: where to stop each count.
        """
        return Counts(
            unread=tally(person, State.UNREAD, limit),
            unseen=tally(person, State.UNREAD, limit, unseen=True),
            snoozed=tally(person, State.SNOOZED, limit),
            archived=tally(person, State.ARCHIVED, limit),
        )

    def get_recent_notifications(self, person: Model, limit: int = 5) -> QuerySet[AppNotification]:
        """Return the latest notifications in the person's inbox, read or not."""
        return _with_event(EVERYTHING.of(person))[:limit]

    def get_woken_notifications(self, person: Model, limit: int = 5) -> QuerySet[AppNotification]:
        """Return what was snoozed and is back, unread, the latest to wake first.

        It is in its own place in the inbox too, which may be far down.
        """
        back = Listing(State.UNREAD).of(person).filter(snoozed_until__isnull=False)
        return _with_event(back.order_by("-snoozed_until", "-pk"))[:limit]

    def get_notification(self, notification_id: int, person: Model) -> AppNotification | None:
        """Return one of the person's notifications, wherever it stands; None if they have no such one."""
        return _with_event(_chosen(person, notification_id)).first()

    def has_any(self, person: Model, which: Selection) -> bool:
        """Return whether the person has at least one of these notifications, wherever it stands."""
        return _chosen(person, which).exists()

    def get_notifications(
        self, person: Model, listing: Listing = EVERYTHING, cursor: str = "", size: int = PAGE_SIZE
    ) -> Page[AppNotification]:
        """Return a page of the person's notifications, newest first.

        Raises:
            InvalidCursor: the cursor was not made here, or the size is not within 1 to 100.
        """
        return page_of(_with_event(listing.of(person)), cursor, size)

    def get_email_history(
        self, person: Model, cursor: str = "", size: int = PAGE_SIZE
    ) -> Page[EmailNotification]:
        """Return a page of the e-mails to the person, newest first, sent or not.

        Raises:
            InvalidCursor: the cursor was not made here, or the size is not within 1 to 100.
        """
        return page_of(
            EmailNotification.objects.filter(person=person.pk).select_related("event"), cursor, size
        )

    def mark_notification_as_read(self, notification_id: int, person: Model) -> bool:
        """Mark one notification as read; return whether the person has such a notification."""
        return bool(self.mark_read(person, notification_id)) or self.has_any(person, notification_id)

    def mark_all_as_read(self, person: Model) -> int:
        """Mark everything in the person's inbox as read; return how many were not."""
        return self.mark_read(person, EVERYTHING).count

    def mark_read(self, person: Model, which: Selection) -> Change:
        """Mark as read, now; it was seen, then, too. Reading twice keeps the first time."""
        rows = _chosen(person, which).filter(is_read=False)
        seen = Coalesce("seen_at", Value(timezone.now()))
        return stamp(Action.READ, person, rows, is_read=True, seen_at=seen)

    def mark_unread(self, person: Model, which: Selection) -> Change:
        """Mark as not read."""
        rows = _chosen(person, which).filter(is_read=True)
        return clear(Action.UNREAD, person, rows, is_read=False, read_at=None)

    def mark_seen(self, person: Model, which: Selection) -> Change:
        """Record that the person has had them in sight, now."""
        return stamp(Action.SEEN, person, _chosen(person, which).filter(seen_at=None))

    def archive(self, person: Model, which: Selection) -> Change:
        """Put out of the way, read or not."""
        return stamp(Action.ARCHIVE, person, _chosen(person, which).filter(archived_at=None))

    def unarchive(self, person: Model, which: Selection) -> Change:
        """Put back into the inbox."""
        rows = _chosen(person, which).filter(archived_at__isnull=False)
        return clear(Action.UNARCHIVE, person, rows, archived_at=None)

    def snooze(self, person: Model, which: Selection, until: datetime) -> Change:
        """Put aside until a moment to come; what was read then is unread again.

        Args:
            until: aware. Its microseconds are not kept: they tell this change from others.

        Raises:
            ValueError: `until` is not in the future.
        """
        now = timezone.now()
        if until <= now:
            raise ValueError("snooze: until must be in the future")
        rows = _chosen(person, which).filter(archived_at=None).exclude(snoozed_until__gt=now)
        moment = until.replace(microsecond=now.microsecond)
        if moment <= now:
            moment += timedelta(seconds=1)
        return stamp(Action.SNOOZE, person, rows, moment, is_read=False)

    def unsnooze(self, person: Model, which: Selection) -> Change:
        """Take back what was put aside, now."""
        rows = _chosen(person, which).filter(snoozed_until__gt=timezone.now())
        return clear(Action.UNSNOOZE, person, rows, snoozed_until=None)

    def undo(self, person: Model, change: Change) -> int:
        """Take a change back; return how many rows it was. What was changed again since stays as it is."""
        return undo(change, person)

    def get_mutes(self, person: Model) -> QuerySet[Mute]:
        """Return the subjects the person wants to hear nothing of, the latest first."""
        return Mute.objects.filter(person=person.pk).order_by("-pk")

    def mute(self, person: Model, subject: str, title: str = "") -> bool:
        """Tell the person nothing more of a subject, but for what is mandatory; return whether that is new.

        Args:
            subject: as the event type makes it, such as "product:12".
            title: words by which the person will know it again.

        Raises:
            ValueError: there is no subject to mute.
        """
        if not subject:
            raise ValueError("mute: a notification without a subject cannot be muted")
        with transaction.atomic():
            title = title[:TITLE_LIMIT]
            _, is_new = Mute.objects.get_or_create(
                person_id=person.pk, subject=subject, defaults={"title": title}
            )
            if is_new:
                announce_action(person)
        return is_new

    def unmute(self, person: Model, subject: str) -> bool:
        """Tell the person of a subject again; return whether it was muted."""
        if "\0" in subject:  # no text holds it, and databases refuse to look
            return False
        with transaction.atomic():
            count, _ = Mute.objects.filter(person=person.pk, subject=subject).delete()
            if count:
                announce_action(person)
        return count > 0


def _chosen(person: Model, which: Selection) -> QuerySet[AppNotification]:
    if isinstance(which, Listing):
        return which.of(person)
    ids = [which] if isinstance(which, int) else which
    return AppNotification.objects.filter(person=person.pk, pk__in=[pk for pk in ids if 0 < pk <= LARGEST_ID])


def _with_event(rows: QuerySet[AppNotification]) -> QuerySet[AppNotification]:
    """Load what a list shows in one query; what else their events say is loaded when it is read."""
    own = [field.name for field in AppNotification._meta.concrete_fields]
    shown = ("event__reason", "event__params", "event__event_log__subject")
    return rows.select_related("event__event_log").only(*own, *shown)


MARKS: dict[str, Callable[[NotificationService, Model, Selection], Change]] = {
    Action.READ: NotificationService.mark_read,
    Action.UNREAD: NotificationService.mark_unread,
    Action.SEEN: NotificationService.mark_seen,
    Action.ARCHIVE: NotificationService.archive,
    Action.UNARCHIVE: NotificationService.unarchive,
    Action.UNSNOOZE: NotificationService.unsnooze,
}
"""Actions that need to know no more than whose notifications they are for, and which."""
