"""Inbox items, as many as a test needs."""

from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from clarion.events import EventTypes
from clarion.models import AppNotification, NotifiableEvent


def give(person: User, count: int = 1, **changes: Any) -> list[AppNotification]:
    """Put items into a person's inbox, oldest first, titled "News 1" and so on."""
    delete_at = timezone.now() + timedelta(days=1)
    events = NotifiableEvent.objects.bulk_create(
        NotifiableEvent(event_type=EventTypes.ORDER_SHIPPED, person=person, delete_at=delete_at)
        for _ in range(count)
    )
    return AppNotification.objects.bulk_create(
        AppNotification(
            **{"event": event, "person": person, "title": f"News {number}", "delete_at": delete_at} | changes
        )
        for number, event in enumerate(events, start=1)
    )
