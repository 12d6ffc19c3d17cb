"""The example's pages over HTTP, and people before them."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.acceptance.example_project import MANAGE, example_environment
from tests.acceptance.visitor import Visitor


@pytest.fixture(scope="package")
def var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("var")


@pytest.fixture(scope="package")
def mail_folder(var: Path) -> Path:
    return var / "mail"


@pytest.fixture(scope="package")
def site(seeded: Mapping[str, str], var: Path) -> Iterator[str]:
    """The example's web server, seeded, with an engine that works at once and mails that go nowhere."""
    with example_environment(var, like=seeded) as environment, socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # bound, never listening: each mail fails and is kept for later
        environment["CLARION_EXAMPLE_ENGINE"] = "clarion.bus.engines.immediate.ImmediateEngine"
        environment["EMAIL_PORT"] = str(closed.getsockname()[1])
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            address = f"127.0.0.1:{probe.getsockname()[1]}"
        with (var / "web.log").open("wb") as log:
            command = [*MANAGE, "runserver", "--noreload", address]
            server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            wait_for(address, server)
            yield f"http://{address}"
        finally:
            server.terminate()
            server.wait(30)


def wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    host, port = address.split(":")
    deadline = time.monotonic() + 60
    while True:
        try:
            return socket.create_connection((host, int(port)), timeout=1).close()
        except OSError:
            assert server.poll() is None, "the web server has stopped"
            assert time.monotonic() < deadline, "the web server does not answer"
            time.sleep(0.05)


@pytest.fixture
def visitor(site: str) -> Visitor:
    return Visitor(site)


@pytest.fixture
def ada(site: str) -> Visitor:
    return person(site, "Ada Brook")


def person(site: str, name: str) -> Visitor:
    visitor = Visitor(site)
    visitor.log_in(name)
    return visitor
