"""The database's clock is in UTC, whatever the time zone of a session."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone

from clarion.bus.relay import relay
from clarion.models import EventLog, Heartbeat, Status
from clarion.testing import commit
from tests.integration.orders import ship

pytestmark = pytest.mark.django_db

STATEMENTS = {
    "mysql": ("SET time_zone = '{}'", "SYSTEM"),
    "postgresql": ("SET TIME ZONE '{}'", "UTC"),
}


@pytest.fixture(params=["+05:30", "-08:00"])
def elsewhere_on_earth(request: pytest.FixtureRequest) -> Iterator[None]:
    """The session is in another time zone."""
    if connection.vendor not in STATEMENTS:
        pytest.skip(f"{connection.vendor} has no time zones")
    statement, usual = STATEMENTS[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(statement.format(request.param))
        yield
        cursor.execute(statement.format(usual))


@pytest.mark.usefixtures("elsewhere_on_earth")
def test_what_is_published_is_done_at_once(alice: User) -> None:
    assert ship(alice).status == Status.DONE


@pytest.mark.usefixtures("elsewhere_on_earth", "no_workers")
def test_what_was_written_is_due_now(alice: User) -> None:
    event = ship(alice)
    assert event.due_at is not None
    assert abs(event.due_at - timezone.now()) < timedelta(minutes=1)


@pytest.mark.usefixtures("elsewhere_on_earth")
def test_the_relay_is_seen_now(alice: User) -> None:
    with commit():
        relay()
    seen = Heartbeat.objects.get(name="relay").beat_at
    assert abs(seen - timezone.now()) < timedelta(minutes=1)


@pytest.mark.usefixtures("elsewhere_on_earth")
def test_what_is_for_later_waits(alice: User) -> None:
    with commit():
        event = ship(alice)
    EventLog.objects.filter(pk=event.pk).update(
        status=Status.PENDING, due_at=timezone.now() + timedelta(minutes=5)
    )
    with commit():
        assert relay() == 0
