"""CLARION: what a project may set, and what it hears when it gets that wrong."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from clarion.bus.engines.base import get_engine
from clarion.bus.engines.dummy import DummyEngine
from clarion.bus.engines.immediate import ImmediateEngine
from clarion.conf import get_settings, person_model_name


def test_everything_has_a_default(settings: Settings) -> None:
    settings.CLARION = {}

    clarion = get_settings()

    assert clarion.ENGINE == "clarion.bus.engines.immediate.ImmediateEngine"
    assert clarion.BASE_URL == ""
    assert (clarion.RETENTION, clarion.INBOX_RETENTION) == (timedelta(hours=72), None)
    assert (clarion.MAX_ATTEMPTS, clarion.LEASE) == (8, timedelta(minutes=5))


def test_a_change_is_seen_at_once(settings: Settings) -> None:
    for attempts in (3, 5):
        settings.CLARION = {"MAX_ATTEMPTS": attempts}
        assert get_settings().MAX_ATTEMPTS == attempts


def test_a_change_of_engine_is_seen_at_once(settings: Settings) -> None:
    assert isinstance(get_engine(), ImmediateEngine)
    settings.CLARION = {"ENGINE": "clarion.bus.engines.dummy.DummyEngine"}
    assert isinstance(get_engine(), DummyEngine)


POSITIVE = "Input should be greater than 0 seconds"
URL = "String should match pattern '^(https?://[^/\\s]+)?$'"


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"RETENTOIN": timedelta(1)}, "CLARION['RETENTOIN']: Extra inputs are not permitted"),
        ({"RETENTION": 72}, "CLARION['RETENTION']: Input should be a valid timedelta"),
        ({"RETENTION": "72:00"}, "CLARION['RETENTION']: Input should be a valid timedelta"),
        ({"RETENTION": timedelta(0)}, f"CLARION['RETENTION']: {POSITIVE}"),
        ({"INBOX_RETENTION": timedelta(-1)}, f"CLARION['INBOX_RETENTION']: {POSITIVE}"),
        ({"LEASE": timedelta(0)}, f"CLARION['LEASE']: {POSITIVE}"),
        ({"MAX_ATTEMPTS": 0}, "CLARION['MAX_ATTEMPTS']: Input should be greater than or equal to 1"),
        ({"MAX_ATTEMPTS": 101}, "CLARION['MAX_ATTEMPTS']: Input should be less than or equal to 100"),
        ({"MAX_ATTEMPTS": "8"}, "CLARION['MAX_ATTEMPTS']: Input should be a valid integer"),
        ({"BASE_URL": "shop.example"}, f"CLARION['BASE_URL']: {URL}"),
        ({"BASE_URL": "https://shop.example/"}, f"CLARION['BASE_URL']: {URL}"),
        ({"BASE_URL": "javascript://shop.example"}, f"CLARION['BASE_URL']: {URL}"),
        ({"ENGINE": DummyEngine}, "CLARION['ENGINE']: Input should be a valid string"),
    ],
)
def test_what_cannot_be_used_is_refused_by_its_key(
    value: dict[str, Any], message: str, settings: Settings
) -> None:
    settings.CLARION = value

    with pytest.raises(ImproperlyConfigured) as caught:
        get_settings()

    assert str(caught.value) == message


def test_every_fault_is_named_at_once(settings: Settings) -> None:
    settings.CLARION = {"MAX_ATTEMPTS": 0, "LEASE": 5, "COLOUR": "red"}

    with pytest.raises(ImproperlyConfigured) as caught:
        get_settings()

    for key in ("MAX_ATTEMPTS", "LEASE", "COLOUR"):
        assert f"CLARION['{key}']: " in str(caught.value)


def test_a_value_that_is_no_dict_is_refused(settings: Settings) -> None:
    settings.CLARION = "immediate"

    with pytest.raises(ImproperlyConfigured) as caught:
        get_settings()

    assert str(caught.value).startswith("CLARION: Input should be a valid dictionary")


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("clarion.bus.engines.Immediate", "cannot be imported"),
        ("immediate", "cannot be imported"),
        ("clarion.bus.event_bus.EventBus", "is not a subclass of clarion.bus.engines.base.Engine"),
    ],
)
def test_an_engine_that_is_none_is_refused(path: str, message: str, settings: Settings) -> None:
    settings.CLARION = {"ENGINE": path}

    with pytest.raises(ImproperlyConfigured) as caught:
        get_engine()

    assert str(caught.value).startswith(f"CLARION['ENGINE']: '{path}' {message}")


def test_the_person_is_the_user_unless_the_project_says_otherwise(settings: Settings) -> None:
    assert person_model_name() == "auth.User"
    settings.CLARION_PERSON_MODEL = "people.Person"
    assert person_model_name() == "people.Person"
