"""What every test can use; and on which database the slow ones run."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import translation

DATABASES = ("sqlite", "postgres")
"""Those that `make test` runs everything on, one after the other: a test left to one of them is run."""

LEFT_TO_ANOTHER = pytest.StashKey[list[tuple[str, str]]]()


def pytest_report_header() -> str:
    return f"database: {connection.vendor}"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect what another of the two databases proves better, and begin with what takes minutes."""
    here = os.environ.get("CLARION_TEST_DB", "sqlite")
    left: list[pytest.Item] = []
    for item in items:
        if marker := item.get_closest_marker("proves_most_on"):
            (database,) = marker.args
            if database not in DATABASES or not marker.kwargs.keys() == {"reason"}:
                raise pytest.UsageError(
                    f"{item.nodeid}: proves_most_on takes one of {DATABASES} and a reason"
                )
            if here in DATABASES and here != database:
                left.append(item)
                reasons = config.stash.setdefault(LEFT_TO_ANOTHER, [])
                reasons.append((database, marker.kwargs["reason"]))
    left_out = set(left)
    items[:] = [item for item in items if item not in left_out]
    items.sort(key=lambda item: item.get_closest_marker("takes_minutes") is None)
    config.hook.pytest_deselected(items=left)


def pytest_sessionfinish(session: pytest.Session) -> None:
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["left"] = session.config.stash.get(LEFT_TO_ANOTHER, [])


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    # Every worker of pytest-xdist has collected the same.
    node.config.stash[LEFT_TO_ANOTHER] = getattr(node, "workeroutput", {}).get("left", [])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    left = Counter(tuple(each) for each in config.stash.get(LEFT_TO_ANOTHER, []))
    for (database, reason), count in sorted(left.items()):
        terminalreporter.write_line(f"LEFT TO {database} [{count}] {reason}")


@pytest.fixture(autouse=True)
def language_of_the_project() -> None:
    """Begin in the project's language, in whatever language the page before was asked for in this thread."""
    translation.deactivate()


@pytest.fixture
def process_environment(transactional_db: None) -> dict[str, str]:
    """The environment for a process that a test starts: the test project, on this test's own database."""
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "CLARION_TEST_DB_NAME": str(connection.settings_dict["NAME"]),
        "PYTHONPATH": str(Path(__file__).parents[1]),
    }
