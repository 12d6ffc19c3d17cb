"""`manage.py clarion relay`: one pass, or pass after pass until it is stopped."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management.base import CommandError
from django.db import connection
from pytest_django import Settings

from clarion.models import AppNotification
from clarion.testing import commit
from tests.integration.clock import let_pass
from tests.integration.commands.command import clarion
from tests.integration.engines import BrokenEngine
from tests.integration.orders import ship
from tests.integration.other_connections import cut_other_connections

DEADLINE = 60
"""Seconds; far more than anything here takes on an idle machine."""


@contextmanager
def relaying(environment: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run the relay until the block is left; what it prints goes to `log`."""
    command = [sys.executable, "-u", "-m", "django", "clarion", "relay", "--interval=0.05"]
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=output)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def wait_until(happened: Callable[[], object], process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + DEADLINE
    while not happened():
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < end, log.read_text()
        time.sleep(0.05)


@pytest.mark.django_db
def test_one_pass_offers_what_is_overdue_and_says_how_much(hints: list[tuple[str, int]], alice: User) -> None:
    ship(alice)
    ship(alice)
    hints.clear()
    let_pass(timedelta(minutes=1))

    assert clarion("relay", "--once") == "relay: 2 offered\n"
    assert hints == [("work", 0)] * 2


@pytest.mark.django_db
def test_with_the_immediate_engine_one_pass_does_the_work(
    no_workers: None, settings: Settings, alice: User
) -> None:
    ship(alice)
    let_pass(timedelta(minutes=1))
    settings.CLARION = {**settings.CLARION, "ENGINE": "clarion.bus.engines.immediate.ImmediateEngine"}

    with commit():
        assert clarion("relay", "--once") == "relay: 1 offered\n"

    assert AppNotification.objects.filter(person=alice).count() == 1


@pytest.mark.django_db
def test_one_pass_with_nothing_to_do_says_so() -> None:
    assert clarion("relay", "--once") == "relay: 0 offered\n"


@pytest.mark.django_db
def test_one_pass_fails_where_the_broker_is_away(settings: Settings) -> None:
    path = f"{BrokenEngine.__module__}.{BrokenEngine.__qualname__}"
    settings.CLARION = {**settings.CLARION, "ENGINE": path}

    with pytest.raises(CommandError, match=r"^the broker does not answer$"):
        clarion("relay", "--once")


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_it_goes_on_until_it_is_told_to_stop(
    stop: signal.Signals,
    no_workers: None,
    process_environment: dict[str, str],
    alice: User,
    tmp_path: Path,
) -> None:
    log = tmp_path / "log"
    with relaying(process_environment, log) as process:
        for told in (1, 2):
            ship(alice)
            let_pass(timedelta(minutes=1))
            wait_until(lambda told=told: log.read_text().count("1 offered") == told, process, log)  # type: ignore[misc]
            assert AppNotification.objects.count() == told
        process.send_signal(stop)
        assert process.wait(DEADLINE) == 0, "it was asked to stop, so stopping is no failure"
    lines = log.read_text().splitlines()
    assert lines[0] == "relay: every 0.05 s; stop with Ctrl-C"


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has no connections to lose")
def test_it_outlives_its_database_connection(
    no_workers: None, process_environment: dict[str, str], alice: User, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    with relaying(process_environment, log) as process:
        for told in (1, 2):
            ship(alice)
            let_pass(timedelta(minutes=1))
            wait_until(lambda told=told: log.read_text().count("1 offered") == told, process, log)  # type: ignore[misc]
            assert AppNotification.objects.count() == told
            cut_other_connections()
        process.terminate()
        assert process.wait(DEADLINE) == 0, log.read_text()
