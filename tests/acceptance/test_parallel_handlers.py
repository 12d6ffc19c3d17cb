"""Several handlers of one event run at the same time where there are several workers."""

from __future__ import annotations

import pytest

from tests.acceptance import story
from tests.acceptance.conftest import OpenWorkshop

pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.proves_most_on(
        "postgres", reason="SQLite has one writer at a time, which is a handler from its beginning to its end"
    ),
]


def test_two_handlers_of_one_event_meet_in_two_workers(open_workshop: OpenWorkshop) -> None:
    workshop = open_workshop(
        {
            "DJANGO_SETTINGS_MODULE": "tests.acceptance.settings",
            "CLARION_TEST_APPS": "tests.acceptance.meeting",
        }
    )
    workshop.sink.open()
    workshop.call(story.create_products, ["Lamp"], "erin")
    with workshop.cluster():
        tally = workshop.wait_until_settled()
    assert (tally.events, tally.dead) == (1, 0), "neither handler gave up waiting for the other"
    left, right = (int((workshop.var / side).read_text()) for side in ("left", "right"))
    assert left != right
