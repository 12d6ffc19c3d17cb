"""`check --deploy` says what must run beside an engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.core.checks import CheckMessage

from clarion.bus.engines.base import Engine
from clarion.checks import check_deployment

if TYPE_CHECKING:
    from pytest_django import Settings


class Able(Engine):
    has_scheduler = True
    has_receipts = True

    def enqueue(self, job: str, row_id: int) -> None:
        raise NotImplementedError


class WithoutScheduler(Able):
    has_scheduler = False


class WithoutReceipts(Able):
    has_receipts = False


def checked(settings: Settings, engine: str) -> dict[str | None, CheckMessage]:
    settings.CLARION = {"ENGINE": engine, "BASE_URL": "https://shop.example"}
    return {message.id: message for message in check_deployment()}


@pytest.mark.parametrize(
    ("engine", "ids"),
    [(Able, []), (WithoutScheduler, ["clarion.W010"]), (WithoutReceipts, ["clarion.I011"])],
)
def test_what_an_engine_cannot_do_must_be_done_beside_it(
    settings: Settings, engine: type[Engine], ids: list[str]
) -> None:
    found = checked(settings, f"{__name__}.{engine.__name__}")
    assert list(found) == ids
    assert all("manage.py clarion relay" in (message.hint or "") for message in found.values())


def test_the_dummy_engine_is_not_for_production(settings: Settings) -> None:
    found = checked(settings, "clarion.bus.engines.dummy.DummyEngine")
    assert found["clarion.E009"].is_serious()
