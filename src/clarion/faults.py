"""Fault points: named places in the pipeline where a test may strike. Off unless the environment names them.

`CLARION_FAULTS` holds strikes with semicolons between: `POINT=ACTION[:ARGUMENT][@TIME]`, where ACTION is

- `raise`: raise `Struck`;
- `kill`: send this process SIGKILL, as a crash would;
- `sleep`: wait ARGUMENT seconds.

A process is struck as it passes the point for the TIME-th time, and whenever it passes after that; TIME is 1
if left out. With `CLARION_FAULTS_FOLDER` each strike happens once in all processes together, and leaves a
file named for it.
"""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from pathlib import Path
from typing import NamedTuple

POINTS = frozenset(
    {
        "publish.before_insert",
        "publish.after_insert",
        "hint.before_enqueue",
        "hint.after_enqueue",
        "dispatch.after_claim",
        "dispatch.before_commit",
        "handler.after_claim",
        "handler.before_commit",
        "notify.between_chunks",
        "process.after_claim",
        "process.before_commit",
        "people.before_commit",
        "send.before_smtp",
        "send.after_smtp",
        "withdrawal.between_chunks",
        "relay.before_enqueue",
        "cleanup.between_batches",
    }
)


class Struck(Exception):
    """A test made this point of the pipeline fail."""


class _Strike(NamedTuple):
    action: str
    argument: float
    since: int


def fault_point(name: str) -> None:
    """Do what the environment says happens here: nothing, outside tests."""
    if _strikes and (strike := _strikes.get(name)):
        _passed[name] += 1
        if _passed[name] >= strike.since and _is_first(name):
            _do(strike, name)


def _do(strike: _Strike, name: str) -> None:
    if strike.action == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif strike.action == "sleep":
        time.sleep(strike.argument)
    else:
        raise Struck(name)


def _is_first(name: str) -> bool:
    if _folder is None:
        return True
    try:
        (_folder / name).touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def _parse(text: str) -> dict[str, _Strike]:
    strikes = {}
    for part in filter(None, text.split(";")):
        name, _, what = part.partition("=")
        what, _, since = what.partition("@")
        action, _, argument = what.partition(":")
        if name not in POINTS or action not in ("raise", "kill", "sleep"):
            raise ValueError(f"CLARION_FAULTS: {part!r}; points are {', '.join(sorted(POINTS))}")
        strikes[name] = _Strike(action, float(argument or 0), int(since or 1))
    return strikes


_strikes = _parse(os.environ.get("CLARION_FAULTS", ""))
_passed: Counter[str] = Counter()
_folder = Path(os.environ["CLARION_FAULTS_FOLDER"]) if "CLARION_FAULTS_FOLDER" in os.environ else None
