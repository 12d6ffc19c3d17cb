"""Until when a notification is put aside."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from clarion.inbox.snooze import Preset

BERLIN = ZoneInfo("Europe/Berlin")
BEFORE_WINTER, BEFORE_SUMMER = datetime(2026, 10, 25, 2, 30), datetime(2026, 3, 29, 1, 30)  # noqa: DTZ001


@pytest.mark.parametrize("local", [BEFORE_WINTER, BEFORE_SUMMER])
@pytest.mark.parametrize(("preset", "hours"), [(Preset.HOUR, 1), (Preset.FOUR_HOURS, 4)])
def test_for_so_many_hours_is_so_many_in_the_night_in_which_clocks_change_too(
    local: datetime, preset: Preset, hours: int
) -> None:
    now = local.replace(tzinfo=BERLIN)

    assert preset.moment(now).timestamp() - now.timestamp() == timedelta(hours=hours).total_seconds()


def test_tomorrow_morning_is_nine_by_the_new_clock() -> None:
    evening = datetime(2026, 10, 24, 20, tzinfo=BERLIN)

    assert Preset.TOMORROW.moment(evening).isoformat() == "2026-10-25T09:00:00+01:00"
