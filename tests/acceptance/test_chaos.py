"""`make chaos`, the quick subset: nothing is lost, nothing is there twice, whatever is struck."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CLOSING_LINE = re.compile(r"chaos: (\d+) runs, 0 lost, 0 duplicated, 0 left over")

pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.takes_minutes,
    pytest.mark.proves_most_on("postgres", reason="only a server lets several processes write at once"),
    pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="finds processes as Linux shows them"),
]


def test_no_fault_of_the_quick_subset_loses_or_doubles_anything() -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "src")])}
    chaos = subprocess.run(
        [sys.executable, "-m", "chaos", "--quick", "--database", "[ps]*"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    sys.stdout.write(chaos.stdout + chaos.stderr)
    assert os.environ.get("CI") != "true" or "do NOT happen" not in chaos.stdout
    assert chaos.returncode == 0
    closing = CLOSING_LINE.fullmatch(chaos.stdout.splitlines()[-1])
    assert closing
    assert int(closing[1]) >= 10
