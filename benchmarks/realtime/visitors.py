"""People who are signed in, and news for them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection, transaction
from django.utils import timezone

from clarion.models import AppNotification, NotifiableEvent
from clarion.realtime.announcement import announce
from people.models import Person


def make_people(count: int) -> list[tuple[int, str]]:
    """Make people who are signed in; return each one's primary key and session cookie."""
    users = User.objects.bulk_create(User(username=f"person-{number}") for number in range(count))
    people = Person.objects.bulk_create(Person(user=user, name=user.username) for user in users)
    signed_in = [(person.pk, cookie_of(person.user)) for person in people]
    connection.close()
    return signed_in


def cookie_of(user: Any) -> str:
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return str(session.session_key)


def give(person_ids: Sequence[int]) -> None:
    """Put an item into each of these inboxes, as the planner does: in one transaction, announced once."""
    delete_at = timezone.now() + timedelta(days=1)
    with transaction.atomic():
        events = NotifiableEvent.objects.bulk_create(
            NotifiableEvent(event_type="product.created", person_id=person_id, delete_at=delete_at)
            for person_id in person_ids
        )
        AppNotification.objects.bulk_create(
            AppNotification(event=event, person_id=event.person_id, title="News", delete_at=delete_at)
            for event in events
        )
        announce(person_ids)
    connection.close()
