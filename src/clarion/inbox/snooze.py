"""Snooze: until when."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo, available_timezones

from django.db.models import Model, TextChoices
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from clarion.models import NotificationPreference

MORNING = time(9)
LONGEST = timedelta(days=366)


class Preset(TextChoices):
    """The moments that people need most."""

    HOUR = "hour", _("For one hour")
    FOUR_HOURS = "four-hours", _("For four hours")
    TOMORROW = "tomorrow", _("Until tomorrow morning")
    NEXT_WEEK = "next-week", _("Until Monday morning")

    def moment(self, now: datetime) -> datetime:
        """Return the moment it stands for; `now` is in the person's time zone."""
        # In UTC, for an hour is an hour in the night in which the clocks change, too.
        if self == Preset.HOUR:
            return now.astimezone(UTC) + timedelta(hours=1)
        if self == Preset.FOUR_HOURS:
            return now.astimezone(UTC) + timedelta(hours=4)
        days = 1 if self == Preset.TOMORROW else 7 - now.weekday()
        return datetime.combine(now.date() + timedelta(days=days), MORNING, now.tzinfo)


def moment_of(text: str, zone: tzinfo) -> datetime | None:
    """Return the moment that a preset's name or a local date and time stand for.

    None where it is neither, is past, or lies more than a year ahead.
    """
    now = timezone.now().astimezone(zone)
    if text in Preset.values:
        return Preset(text).moment(now)
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    if found is None:
        return None
    if found.tzinfo is None:
        found = found.replace(tzinfo=zone)
    return found if now < found <= now + LONGEST else None


def zone_of(person: Model, asked: str) -> tzinfo:
    """Return the time zone that the browser names, else the person's, else the site's."""
    if asked in available_timezones():
        return ZoneInfo(asked)
    preference = NotificationPreference.objects.filter(person=person.pk).first()
    if preference and preference.time_zone in available_timezones():
        return ZoneInfo(preference.time_zone)
    return timezone.get_current_timezone()
