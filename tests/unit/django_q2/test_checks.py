"""Settings under which Django-Q2 repeats, loses or never gives up work are refused, each with its fix."""

from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.core.checks import CheckMessage
from django_q.conf import Conf
from pytest_django import Settings

from clarion.contrib.django_q2.engine import DjangoQ2Engine
from clarion.contrib.django_q2.preset import q_cluster

LEASE = timedelta(minutes=5)


@pytest.fixture(autouse=True)
def preset(monkeypatch: pytest.MonkeyPatch) -> None:
    """Django-Q2 as the preset sets it up. It reads its settings once, so `settings` cannot change them."""
    preset = {name: q_cluster()[name] for name in ("timeout", "retry", "max_attempts", "save_limit")}
    configure(monkeypatch, sync=False, **preset)


def configure(monkeypatch: pytest.MonkeyPatch, **options: Any) -> None:
    for name, value in options.items():
        monkeypatch.setattr(Conf, name.upper(), value)


def check() -> list[tuple[str | None, str, str | None]]:
    return [described(message) for message in DjangoQ2Engine().check()]


def described(message: CheckMessage) -> tuple[str | None, str, str | None]:
    return message.id, message.msg, message.hint


def test_the_preset_is_beyond_reproach() -> None:
    assert check() == []


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (
            {"sync": True},
            (
                "clarion.E101",
                "Q_CLUSTER['sync'] runs tasks inside the caller's transaction.",
                (
                    "Remove it; for work at once set CLARION['ENGINE'] to "
                    "'clarion.bus.engines.immediate.ImmediateEngine'."
                ),
            ),
        ),
        *(
            (
                {"timeout": timeout},
                (
                    "clarion.E102",
                    "Q_CLUSTER['timeout'] is not set: a task that hangs holds its worker for ever.",
                    "Set it to 240, or use clarion.contrib.django_q2.preset.q_cluster().",
                ),
            )
            for timeout in (None, 0, -1)
        ),
        (
            {"timeout": 240, "retry": 240},
            (
                "clarion.E103",
                (
                    "Q_CLUSTER['retry'] (240 s) is not longer than 'timeout' (240 s): "
                    "tasks are given out again while they still run."
                ),
                "Set 'retry' to 300 or more.",
            ),
        ),
        (
            {"timeout": 300, "retry": 360},
            (
                "clarion.W104",
                (
                    "Q_CLUSTER['timeout'] (300 s) is not below CLARION['LEASE'] (300 s): "
                    "a handler with which its whole process hangs is taken over before it is stopped."
                ),
                "Set 'timeout' to 240 or less.",
            ),
        ),
        (
            {"max_attempts": 0},
            (
                "clarion.E105",
                "Q_CLUSTER['max_attempts'] is 0: a task that fails is tried for ever.",
                "Set it to 5.",
            ),
        ),
        *(
            (
                {"save_limit": kept},
                (
                    "clarion.W107",
                    (
                        "Q_CLUSTER['save_limit'] is not negative: each hint that was worked off leaves "
                        "a row, which takes several times as long as the hint."
                    ),
                    "Set it to -1. Failures are kept all the same.",
                ),
            )
            for kept in (0, 250)
        ),
    ],
    ids=["sync", "timeout none", "timeout 0", "timeout -1", "retry", "lease", "max_attempts", "all", "250"],
)
def test_each_unsafe_setting_is_named_with_its_fix(
    options: dict[str, Any],
    expected: tuple[str, str, str],
    monkeypatch: pytest.MonkeyPatch,
    settings: Settings,
) -> None:
    settings.CLARION = {**settings.CLARION, "LEASE": LEASE}
    configure(monkeypatch, **options)

    assert check() == [expected]


def test_one_second_below_the_lease_and_the_retry_is_enough(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    settings.CLARION = {**settings.CLARION, "LEASE": timedelta(seconds=31)}
    configure(monkeypatch, timeout=30, retry=31)

    assert check() == []


def test_everything_that_is_unsafe_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    configure(monkeypatch, sync=True, timeout=None, max_attempts=0)

    assert [check_id for check_id, _, _ in check()] == ["clarion.E101", "clarion.E102", "clarion.E105"]


def test_an_app_that_is_not_installed_is_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apps, "is_installed", lambda name: name != "django_q")

    assert check() == [
        (
            "clarion.E106",
            "The Django-Q2 engine is chosen, but its app is not installed.",
            "Add 'django_q' to INSTALLED_APPS.",
        )
    ]
