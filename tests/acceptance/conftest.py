"""The example project, seeded, for each test a copy of its own."""

from __future__ import annotations

import os
import subprocess
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.acceptance.console import Console
from tests.acceptance.example_project import EXAMPLE, MANAGE, example_environment
from tests.acceptance.mail_sink import MailSink
from tests.acceptance.workshop import Workshop

ROOT = Path(__file__).parents[2]

OpenWorkshop = Callable[[Mapping[str, str]], Workshop]


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, str]]:
    """The environment of an example project that is migrated and seeded, for copies to be made of it."""
    with example_environment(tmp_path_factory.mktemp("seeded")) as environment:
        for command in ("migrate", "seed"):
            subprocess.run([*MANAGE, command], env=environment, check=True, stdout=subprocess.DEVNULL)
        yield environment


@pytest.fixture
def open_workshop(seeded: Mapping[str, str], tmp_path: Path) -> Iterator[OpenWorkshop]:
    """A function that opens the workshop with some environment variables; it is closed after the test."""
    with ExitStack() as stack:

        def enter(variables: Mapping[str, str]) -> Workshop:
            var = tmp_path / "var"
            var.mkdir()
            sink = stack.enter_context(MailSink())
            environment = {
                **stack.enter_context(example_environment(var, like=seeded)),
                **sink.environment,
                "CLARION_TEST_CLUSTER": f"acceptance-{uuid.uuid4().hex[:12]}",
                "PYTHONPATH": os.pathsep.join([str(ROOT), str(EXAMPLE)]),
                **variables,
            }
            return Workshop(environment, stack.enter_context(Console(environment)), sink)

        yield enter


@pytest.fixture
def workshop(open_workshop: OpenWorkshop) -> Workshop:
    """The workshop with a short lease, its mail server open."""
    workshop = open_workshop({"DJANGO_SETTINGS_MODULE": "tests.acceptance.settings"})
    workshop.sink.open()
    return workshop
