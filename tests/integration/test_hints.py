"""A hint that goes wrong is no concern of whoever published: they have committed."""

import logging

import pytest
from django.contrib.auth.models import User
from pytest_django import Settings

from clarion.bus.engines.base import Engine
from clarion.models import Status
from tests.integration.engines import BrokenEngine
from tests.integration.orders import ship

pytestmark = pytest.mark.django_db


class FaultyEngine(Engine):
    """Has a fault of its own, and talks about it."""

    def enqueue(self, job: str, row_id: int) -> None:
        raise RuntimeError("the canary sings")


@pytest.mark.parametrize(
    ("engine", "level", "said"),
    [
        (BrokenEngine, logging.WARNING, "engine unavailable; the relay will offer this again"),
        (FaultyEngine, logging.ERROR, "hint failed; the relay will offer this again"),
    ],
)
def test_publishing_succeeds_though_the_hint_fails(
    engine: type[Engine],
    level: int,
    said: str,
    settings: Settings,
    alice: User,
    caplog: pytest.LogCaptureFixture,
) -> None:
    settings.CLARION = {**settings.CLARION, "ENGINE": f"{engine.__module__}.{engine.__qualname__}"}

    event = ship(alice)

    assert event.status == Status.PENDING
    assert caplog.record_tuples == [("clarion", level, said)]
    assert caplog.records[0].__dict__["job"] == "work"
    assert "canary" not in caplog.text
