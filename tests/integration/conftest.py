"""People to tell, and engines to tell them with."""

from collections.abc import Callable
from itertools import count

import pytest
from django.contrib.auth.models import User
from pytest_django import Settings

from tests.integration.engines import RecordingEngine

MakePerson = Callable[..., User]


@pytest.fixture
def make_person(db: None) -> MakePerson:
    """Make a saved person with an address, but for what a test changes."""
    numbers = count(1)

    def make_person(name: str = "", **changes: object) -> User:
        name = name or f"person-{next(numbers)}"
        return User.objects.create(**{"username": name, "email": f"{name}@people.example", **changes})

    return make_person


@pytest.fixture
def alice(make_person: MakePerson) -> User:
    return make_person("alice")


@pytest.fixture
def bob(make_person: MakePerson) -> User:
    return make_person("bob")


@pytest.fixture
def no_workers(settings: Settings) -> None:
    """What is published stays where it is until a test runs it."""
    settings.CLARION = {**settings.CLARION, "ENGINE": "clarion.bus.engines.dummy.DummyEngine"}


@pytest.fixture
def hints(settings: Settings) -> list[tuple[str, int]]:
    """The hints that the engine was given, in order; none is acted upon."""
    path = f"{RecordingEngine.__module__}.{RecordingEngine.__qualname__}"
    settings.CLARION = {**settings.CLARION, "ENGINE": path}
    RecordingEngine.hints = []
    return RecordingEngine.hints
