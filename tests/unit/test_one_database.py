"""A slow test that runs on one of the two databases runs there for sure, and the other run says so."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import DATABASES

ROOT = Path(__file__).parents[2]
OF_SQLITE = "tests/acceptance/test_demo.py::test_ctrl_c_stops_the_site_and_everything_else"


def collected_on(database: str, test: str) -> str:
    """Return what pytest says it would run."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--collect-only", "-q", test]
    environment = {**os.environ, "CLARION_TEST_DB": database}
    environment.pop("PYTEST_XDIST_WORKER", None)
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    return done.stdout


def test_make_test_runs_on_each_of_the_databases() -> None:
    recipe = (ROOT / "Makefile").read_text().partition("\ntest:")[2].partition("\n\n")[0]
    assert tuple(re.findall(r"CLARION_TEST_DB=(\w+) \$\(PYTEST\)", recipe)) == DATABASES


def test_it_runs_on_the_database_that_it_names() -> None:
    assert OF_SQLITE in collected_on("sqlite", OF_SQLITE)
    assert OF_SQLITE in collected_on("mariadb", OF_SQLITE), "a third database runs everything"


def test_elsewhere_it_is_left_out_and_the_reason_is_shown() -> None:
    said = collected_on("postgres", OF_SQLITE)
    assert OF_SQLITE not in said
    assert "LEFT TO sqlite [1] a user meets it first on SQLite, which needs no server" in said


@pytest.mark.parametrize("marker", ['"oracle", reason="old"', '"sqlite"'])
def test_a_database_that_nobody_runs_on_is_refused(marker: str, tmp_path: Path) -> None:
    test = tmp_path / "test_nowhere.py"
    test.write_text(f"import pytest\n\n@pytest.mark.proves_most_on({marker})\ndef test_nothing(): ...\n")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "tests.conftest"]
    done = subprocess.run(
        [*command, f"--rootdir={ROOT}", f"--config-file={ROOT}/pyproject.toml", str(test)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "proves_most_on takes one of ('sqlite', 'postgres') and a reason" in done.stderr
