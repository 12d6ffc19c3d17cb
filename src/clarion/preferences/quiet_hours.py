"""Quiet hours: until when a person wants no mail."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

from clarion.models import NotificationPreference


def quiet_until(preference: NotificationPreference | None, now: datetime) -> datetime | None:
    """Return when the person's quiet hours end, if they hold at this moment; None if they do not.

    The hours are those of the clock on the person's wall, on days when it is changed too. A zone that
    this machine does not know has no quiet hours: a mail too early is better than none.

    Args:
        now: aware.
    """
    if preference is None or preference.quiet_from is None or preference.quiet_until is None:
        return None
    if preference.time_zone not in available_timezones():
        return None
    zone = ZoneInfo(preference.time_zone)
    local = now.astimezone(zone)
    start, end = preference.quiet_from, preference.quiet_until
    clock = local.time()
    is_over_midnight = end < start
    if not (start <= clock or clock < end if is_over_midnight else start <= clock < end):
        return None
    day = local.date() + timedelta(days=1) if is_over_midnight and clock >= start else local.date()
    return datetime.combine(day, end, zone).astimezone(UTC)
