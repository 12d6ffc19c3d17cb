"""The pytest plugin: there for those who want it, and no burden to those who do not."""

import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from pytest_django import Settings

import clarion.testing
from clarion.bus import get_event_bus
from clarion.bus.engines.base import get_engine
from clarion.bus.engines.immediate import ImmediateEngine
from clarion.models import NotifiableEvent
from clarion.testing import assert_notified
from tests.integration.orders import shipping


@pytest.fixture
def another_engine(settings: Settings) -> None:
    settings.CLARION = {"ENGINE": "clarion.bus.engines.dummy.DummyEngine", "MAX_ATTEMPTS": 3}


def test_the_immediate_engine_is_used_whatever_the_project_uses(
    another_engine: None,
    clarion_immediate: Callable[[], AbstractContextManager[None]],
    alice: User,
    settings: Settings,
) -> None:
    with clarion_immediate():
        get_event_bus().publish("order.shipped", shipping(alice))

    assert_notified(alice, "order.shipped")
    assert isinstance(get_engine(), ImmediateEngine)
    assert settings.CLARION["MAX_ATTEMPTS"] == 3


def test_waiting_is_a_fixture_too(
    db: None, wait_for_notifications: Callable[..., list[NotifiableEvent]], alice: User
) -> None:
    row = NotifiableEvent.objects.create(event_type="order.shipped", person=alice)

    assert wait_for_notifications({"person": alice}) == [row]


def test_pytest_finds_the_plugin_by_itself() -> None:
    (plugin,) = entry_points(group="pytest11", name="clarion")

    assert plugin.value == "clarion.testing.plugin"


def test_the_plugin_does_not_import_django() -> None:
    code = "import sys, clarion.testing.plugin; sys.exit('django' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_project_without_django_is_not_disturbed(tmp_path: Path) -> None:
    (tmp_path / "test_plain.py").write_text(
        "import sys\n\ndef test_plain(pytestconfig):\n"
        "    assert pytestconfig.pluginmanager.has_plugin('clarion')\n"
        "    assert 'django' not in sys.modules\n"
    )
    # Loaded as pytest would by itself, but alone: other plugins import Django, and take their time.
    command = [sys.executable, "-m", "pytest", "-q", "-p", "clarion", "-W", "error"]
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}

    result = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )

    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("name", clarion.testing.__all__)
def test_every_public_name_of_the_kit_is_what_it_says(name: str) -> None:
    for _ in range(2):
        exported: Any = getattr(clarion.testing, name)
        assert exported.__name__ == name
        assert exported.__doc__


def test_a_name_that_the_kit_does_not_have_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'assert_notifed'"):
        getattr(clarion.testing, "assert_notifed")  # noqa: B009  # mypy would find the attribute missing
