"""Quiet hours: mails wait until they are over, at no cost in attempts."""

from datetime import UTC, datetime, time, timedelta

import pytest
from django.contrib.auth.models import User

from clarion.bus.relay import relay
from clarion.models import AppNotification, EmailNotification, EventLog, NotificationPreference, Status
from clarion.notifiers import notify
from clarion.preferences.quiet_hours import quiet_until
from clarion.testing import commit
from tests.integration.clock import let_pass
from tests.integration.email.sink import Sink
from tests.integration.happenings import happen, happenings
from tests.integration.orders import ship

pytestmark = pytest.mark.django_db


def quiet(start: str, end: str, zone: str = "Europe/Berlin") -> NotificationPreference:
    return NotificationPreference(
        quiet_from=time.fromisoformat(start), quiet_until=time.fromisoformat(end), time_zone=zone
    )


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "end", "now", "over"),
    [
        ("22:00", "07:00", "2026-01-10T20:59", None),
        ("22:00", "07:00", "2026-01-10T21:00", "2026-01-11T06:00"),
        ("22:00", "07:00", "2026-01-11T05:59", "2026-01-11T06:00"),
        ("22:00", "07:00", "2026-01-11T06:00", None),
        ("12:00", "13:00", "2026-07-10T10:30", "2026-07-10T11:00"),
        ("12:00", "13:00", "2026-07-10T11:00", None),
        ("00:00", "06:00", "2026-01-10T23:00", "2026-01-11T05:00"),
        # Clocks go forward, and back.
        ("22:00", "07:00", "2026-03-28T22:00", "2026-03-29T05:00"),
        ("22:00", "07:00", "2026-10-24T21:00", "2026-10-25T06:00"),
    ],
)
def test_the_hours_are_those_of_the_clock_on_the_wall(
    start: str, end: str, now: str, over: str | None
) -> None:
    assert quiet_until(quiet(start, end), at(now)) == (at(over) if over else None)


def test_whoever_says_nothing_has_no_quiet_hours() -> None:
    now = at("2026-01-10T23:00")
    assert quiet_until(None, now) is None
    assert quiet_until(NotificationPreference(), now) is None
    assert quiet_until(quiet("22:00", "07:00", "Mars/Olympus"), now) is None


@pytest.fixture
def quiet_now(alice: User) -> NotificationPreference:
    """Alice has quiet hours, from an hour ago until in two hours."""
    now = datetime.now(UTC)
    return NotificationPreference.objects.create(
        person=alice,
        quiet_from=(now - timedelta(hours=1)).time(),
        quiet_until=(now + timedelta(hours=2)).time(),
        time_zone="UTC",
    )


def mail_to(person: User) -> EmailNotification:
    return EmailNotification.objects.get(person=person)


def test_a_mail_waits_until_they_are_over(
    sink: Sink, alice: User, bob: User, quiet_now: NotificationPreference
) -> None:
    ship(alice, bob)

    waiting = mail_to(alice)
    assert (waiting.status, waiting.attempts) == (Status.PENDING, 0)
    assert waiting.due_at is not None
    left = waiting.due_at - datetime.now(UTC)
    assert timedelta(minutes=110) < left < timedelta(minutes=125)
    assert mail_to(bob).status == Status.SENT
    assert AppNotification.objects.filter(person=alice).exists()

    quiet_now.quiet_from = quiet_now.quiet_until = None
    quiet_now.save()
    let_pass(timedelta(hours=3))
    with commit():
        relay()
    assert mail_to(alice).status == Status.SENT


def test_what_was_read_meanwhile_is_not_sent(
    sink: Sink, alice: User, quiet_now: NotificationPreference
) -> None:
    ship(alice)
    AppNotification.objects.update(is_read=True)
    quiet_now.delete()
    let_pass(timedelta(hours=3))
    with commit():
        relay()
    assert mail_to(alice).status == Status.CANCELLED
    assert sink.mails == []


@pytest.mark.usefixtures("quiet_now")
def test_what_everyone_concerned_must_be_told_comes_at_once(sink: Sink, alice: User) -> None:
    def tell(event: EventLog) -> None:
        notify(event, people=[alice])

    with happenings(tell, mandatory=True):
        happen()
    assert mail_to(alice).status == Status.SENT
