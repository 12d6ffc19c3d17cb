"""Fault points: off unless the environment names them; then they do what it says, and where it says."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import clarion
from clarion.faults import POINTS

SOURCE = Path(clarion.__file__).parent
REACHED = "print('through')"
Ended = subprocess.CompletedProcess[str]


def reach(*points: str, times: int = 1, faults: str = "", **environment: str) -> Ended:
    """Have a process of its own reach these points, with this environment, and say so at the end."""
    calls = "; ".join(f"fault_point({point!r})" for point in points * times)
    return subprocess.run(
        [sys.executable, "-c", f"from clarion.faults import fault_point; {calls}; {REACHED}"],
        env={
            **os.environ,
            "PYTHONPATH": str(SOURCE.parent),
            "CLARION_FAULTS": faults,
            **{f"CLARION_FAULTS_{name.upper()}": value for name, value in environment.items()},
        },
        capture_output=True,
        text=True,
        check=False,
    )


def test_nothing_happens_unless_the_environment_says_so() -> None:
    assert reach(*sorted(POINTS)).stdout == "through\n"


def test_a_point_raises_where_it_is_told_to() -> None:
    struck = reach("handler.after_claim", faults="handler.after_claim=raise")

    assert struck.returncode == 1
    assert "clarion.faults.Struck: handler.after_claim" in struck.stderr


def test_a_point_kills_its_process_as_a_crash_would() -> None:
    struck = reach("send.after_smtp", faults="send.after_smtp=kill")

    assert struck.returncode == -signal.SIGKILL
    assert struck.stdout == ""


def test_a_point_makes_its_process_wait() -> None:
    calls = "import time; t = time.monotonic(); fault_point('send.before_smtp'); print(time.monotonic() - t)"
    waited = subprocess.run(
        [sys.executable, "-c", f"from clarion.faults import fault_point; {calls}"],
        env={**os.environ, "PYTHONPATH": str(SOURCE.parent), "CLARION_FAULTS": "send.before_smtp=sleep:0.2"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert float(waited.stdout) >= 0.2


def test_a_point_leaves_the_others_alone() -> None:
    faults = "handler.after_claim=raise;send.after_smtp=kill"

    assert reach("handler.before_commit", "send.before_smtp", faults=faults).stdout == "through\n"


def test_a_strike_waits_for_its_time() -> None:
    faults = "process.after_claim=raise@3"

    assert reach("process.after_claim", times=2, faults=faults).stdout == "through\n"
    assert reach("process.after_claim", times=3, faults=faults).returncode == 1


def test_with_a_folder_each_point_strikes_once_in_all_processes_together(tmp_path: Path) -> None:
    faults = "process.before_commit=raise;dispatch.after_claim=raise"

    def strike(point: str) -> int:
        return reach(point, faults=faults, folder=str(tmp_path)).returncode

    assert [strike("process.before_commit") for _ in range(3)] == [1, 0, 0]
    assert [file.name for file in tmp_path.iterdir()] == ["process.before_commit"]
    assert strike("dispatch.after_claim") == 1


def test_a_point_or_an_action_that_does_not_exist_is_refused_by_name() -> None:
    for faults in ("handler.after_tea=raise", "handler.after_claim=dance", "handler.after_claim"):
        refused = reach("handler.after_claim", faults=faults)
        assert refused.returncode == 1
        assert (
            f"ValueError: CLARION_FAULTS: {faults!r}; points are cleanup.between_batches, " in refused.stderr
        )


def test_every_point_stands_in_the_pipeline() -> None:
    standing = {
        point
        for file in SOURCE.rglob("*.py")
        for point in re.findall(r'\bfault_point\("([\w.]+)"\)', file.read_text())
    }
    assert standing == set(POINTS)
