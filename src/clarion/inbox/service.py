"""NotificationService: what a person can do with their notifications, and only with theirs."""

from __future__ import annotations

from django.db.models import Model, QuerySet
from django.utils import timezone

from clarion.inbox.page import Page, page_of
from clarion.models import AppNotification, EmailNotification

PAGE_SIZE = 20


class NotificationService:
    """Every look-up is scoped to the person: another's notification is one that does not exist."""

    def get_unread_notifications(self, person: Model) -> QuerySet[AppNotification]:
        """Return the person's unread notifications, newest first."""
        return self._of(person).filter(is_read=False).select_related("event").order_by("-pk")

    def get_unread_count(self, person: Model, limit: int | None = None) -> int:
        """Return how many notifications the person has not read, by an index alone.

        Args:
            limit: where to stop counting, for those who show no more than "99+" anyway.
        """
        return self._of(person).filter(is_read=False)[:limit].count()

    def get_recent_notifications(self, person: Model, limit: int = 5) -> QuerySet[AppNotification]:
        """Return the person's latest notifications, read or not."""
        return self._of(person).select_related("event").order_by("-pk")[:limit]

    def get_notifications(
        self, person: Model, cursor: str = "", size: int = PAGE_SIZE, unread_only: bool = False
    ) -> Page[AppNotification]:
        """Return a page of the person's notifications, newest first.

        Raises:
            InvalidCursor: the cursor was not made here, or the size is not within 1 to 100.
        """
        rows = (
            self.get_unread_notifications(person) if unread_only else self._of(person).select_related("event")
        )
        return page_of(rows, cursor, size)

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
        found = self._of(person).filter(pk=notification_id)
        return _mark_as_read(found) > 0 or found.exists()

    def mark_all_as_read(self, person: Model) -> int:
        """Mark every notification of the person as read; return how many were not."""
        return _mark_as_read(self._of(person))

    @staticmethod
    def _of(person: Model) -> QuerySet[AppNotification]:
        return AppNotification.objects.filter(person=person.pk)


def _mark_as_read(rows: QuerySet[AppNotification]) -> int:
    return rows.filter(is_read=False).update(is_read=True, read_at=timezone.now())
