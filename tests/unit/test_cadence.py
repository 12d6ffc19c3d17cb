"""When the next digest comes, by the clock on the person's wall."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some
from pytest_django import Settings

from clarion.models import Cadence
from clarion.preferences.cadence import may_wait, next_digest
from tests.integration.happenings import happening

BERLIN = "Europe/Berlin"
HOURLY, DAILY, WEEKLY = Cadence.HOURLY, Cadence.DAILY, Cadence.WEEKLY


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("cadence", "zone", "now", "then"),
    [
        (HOURLY, "UTC", "2026-01-10T10:00", "2026-01-10T11:00"),
        (HOURLY, "UTC", "2026-01-10T10:59:59.999999", "2026-01-10T11:00"),
        (HOURLY, "UTC", "2026-12-31T23:30", "2027-01-01T00:00"),
        # Half past, by the clock of Greenwich.
        (HOURLY, "Asia/Kolkata", "2026-01-10T10:00", "2026-01-10T10:30"),
        (DAILY, BERLIN, "2026-01-10T07:59", "2026-01-10T08:00"),
        (DAILY, BERLIN, "2026-01-10T08:00", "2026-01-11T08:00"),
        (DAILY, BERLIN, "2026-07-10T06:59", "2026-07-10T07:00"),
        # It is tomorrow already, and still yesterday.
        (DAILY, "Pacific/Kiritimati", "2026-01-10T18:59", "2026-01-10T19:00"),
        (DAILY, "Pacific/Pago_Pago", "2026-01-10T05:00", "2026-01-10T20:00"),
        # The 12th is a Monday.
        (WEEKLY, BERLIN, "2026-01-10T12:00", "2026-01-12T08:00"),
        (WEEKLY, BERLIN, "2026-01-12T07:59", "2026-01-12T08:00"),
        (WEEKLY, BERLIN, "2026-01-12T08:00", "2026-01-19T08:00"),
        (WEEKLY, "Pacific/Kiritimati", "2026-01-11T12:00", "2026-01-11T19:00"),
    ],
)
def test_it_comes_at_nine_on_mondays_or_on_the_hour(cadence: Cadence, zone: str, now: str, then: str) -> None:
    assert next_digest(cadence, zone, at(now)) == at(then)


@pytest.mark.parametrize(
    ("cadence", "zone", "now", "then"),
    [
        # Clocks go forward at 2:00 on 29 March, and back at 3:00 on 25 October.
        (DAILY, BERLIN, "2026-03-28T12:00", "2026-03-29T07:00"),
        (DAILY, BERLIN, "2026-10-24T12:00", "2026-10-25T08:00"),
        (WEEKLY, BERLIN, "2026-03-23T08:00", "2026-03-30T07:00"),
        (WEEKLY, BERLIN, "2026-10-19T07:00", "2026-10-26T08:00"),
        (HOURLY, BERLIN, "2026-03-29T00:30", "2026-03-29T01:00"),
        (HOURLY, BERLIN, "2026-10-25T00:30", "2026-10-25T01:00"),
        (HOURLY, BERLIN, "2026-10-25T01:00", "2026-10-25T02:00"),
        # By half an hour: 2:00 is skipped, and comes twice.
        (HOURLY, "Australia/Lord_Howe", "2026-10-03T15:00", "2026-10-03T16:00"),
        (HOURLY, "Australia/Lord_Howe", "2026-04-04T14:30", "2026-04-04T15:30"),
        # A whole day is skipped, the Friday.
        (DAILY, "Pacific/Apia", "2011-12-29T20:00", "2011-12-30T19:00"),
    ],
)
def test_a_clock_that_is_changed_changes_it(cadence: Cadence, zone: str, now: str, then: str) -> None:
    assert next_digest(cadence, zone, at(now)) == at(then)


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../etc/passwd", "Europe", "a\0b"])
def test_where_the_zone_is_unknown_the_project_s_holds(zone: str, settings: Settings) -> None:
    settings.TIME_ZONE = "America/New_York"
    assert next_digest(DAILY, zone, at("2026-01-10T12:00")) == at("2026-01-10T14:00")


FIRST, LAST = at("2012-01-01").timestamp(), at("2100-01-01").timestamp()
moments = some.floats(FIRST, LAST).map(lambda stamp: datetime.fromtimestamp(stamp, UTC))


@given(some.sampled_from(Cadence), some.timezone_keys(), moments)
def test_it_is_always_ahead_and_never_further_than_it_should_be(
    cadence: Cadence, zone: str, now: datetime
) -> None:
    then = next_digest(cadence, zone, now)
    longest = {HOURLY: timedelta(hours=1), DAILY: timedelta(days=1), WEEKLY: timedelta(weeks=1)}[cadence]
    # Longer where a clock is put back: by an hour, and in Antarctica by up to three.
    assert now < then <= now + longest + timedelta(hours=3)
    wall = then.astimezone(ZoneInfo(zone))
    assert (wall.minute, wall.second) == (0, 0)
    assert cadence == HOURLY or wall.hour == 9
    assert cadence != WEEKLY or wall.weekday() == 0


@pytest.mark.parametrize("urgency", ["mandatory", "urgent", "at_most_once"])
def test_what_must_be_told_or_is_urgent_or_must_not_come_twice_never_waits(urgency: str) -> None:
    assert may_wait(happening())
    assert not may_wait(happening(**{urgency: True}))
