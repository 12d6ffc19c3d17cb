"""Inbox items, as many as a test needs."""

from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from clarion.models import AppNotification, NotifiableEvent


def give(
    person: User, count: int = 1, event_type: str = "order.shipped", **changes: Any
) -> list[AppNotification]:
    """Put items into a person's inbox, oldest first, titled "News 1" and so on."""
    delete_at = timezone.now() + timedelta(days=1)
    events = NotifiableEvent.objects.bulk_create(
        NotifiableEvent(event_type=event_type, person=person, delete_at=delete_at) for _ in range(count)
    )
    return AppNotification.objects.bulk_create(
        AppNotification(
            **{
                "event": event,
                "event_type": event.event_type,
                "person": person,
                "title": f"News {number}",
                "delete_at": delete_at,
            }
            | changes
        )
        for number, event in enumerate(events, start=1)
    )
