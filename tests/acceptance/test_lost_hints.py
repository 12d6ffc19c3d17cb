"""A broker that loses its messages costs time, not notifications."""

from __future__ import annotations

import os

import pytest

from tests.acceptance import broker, story
from tests.acceptance.conftest import OpenWorkshop
from tests.acceptance.process import kill
from tests.acceptance.waiting import wait_for
from tests.acceptance.workshop import Workshop

pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.proves_most_on("postgres", reason="the broker is another; the rows are as in production"),
]

EVENTS = 20
NAMES = [f"Lamp {number}" for number in range(EVENTS)]
SETTINGS = {"DJANGO_SETTINGS_MODULE": "tests.acceptance.settings"}


@pytest.fixture
def redis() -> str:
    """The URL of a Redis database. Each test has a queue of its own in it."""
    url = os.environ.get("CLARION_TEST_REDIS", "redis://127.0.0.1:6379/9")
    try:
        from redis import Redis

        with Redis.from_url(url) as client:
            client.ping()
    except (ImportError, OSError) as missing:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(f"NOT RUN: no Redis at {url}: {missing}")
    return url


@pytest.fixture
def workshop_with_redis(open_workshop: OpenWorkshop, redis: str) -> Workshop:
    """The workshop, with a broker that keeps nothing of what it has given out."""
    workshop = open_workshop({**SETTINGS, "CLARION_TEST_REDIS": redis})
    workshop.sink.open()
    return workshop


def assert_everyone_was_told_once(workshop: Workshop, tally: story.Tally) -> None:
    assert tally.products == tally.events == tally.handled == EVENTS
    assert tally.told == tally.processed == tally.app_notifications == 2 * EVENTS
    assert tally.told_twice == tally.dead == 0
    assert tally.emails == tally.sent == EVENTS
    assert workshop.sink.message_ids.keys() == tally.message_ids


@pytest.mark.parametrize("with_broker", ["workshop", "workshop_with_redis"])
def test_the_relay_offers_everything_again_after_the_broker_was_wiped(
    with_broker: str, request: pytest.FixtureRequest
) -> None:
    workshop: Workshop = request.getfixturevalue(with_broker)
    workshop.call(story.create_products, NAMES, "erin", "Lighthouse Press")
    assert workshop.call(broker.hints) == EVENTS

    workshop.call(broker.lose_hints)
    assert workshop.call(broker.hints) == 0

    with workshop.cluster(), workshop.relay():
        tally = workshop.wait_until_settled()
    assert_everyone_was_told_once(workshop, tally)
    assert workshop.sink.message_ids.total() == EVENTS


def test_the_relay_offers_again_what_a_broker_without_receipts_has_lost(
    workshop_with_redis: Workshop,
) -> None:
    workshop = workshop_with_redis
    workshop.call(story.create_products, NAMES, "erin", "Lighthouse Press")
    with workshop.cluster() as cluster:
        wait_for(lambda: workshop.call(story.tally).handled, "a cluster at work")
        kill(cluster)

    with workshop.cluster(), workshop.relay():
        tally = workshop.wait_until_settled()
    assert_everyone_was_told_once(workshop, tally)
