"""The lock on a var folder: one demo at a time, and none beside what an earlier one has left running."""

from __future__ import annotations

import fcntl
import os
import signal
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from demonstration.processes import EXAMPLE, GUARD, DemoFailed

STOPPING = 15
"""Seconds that the processes of an earlier demo get to stop; their guards allow them less."""


@contextmanager
def only_demo(var: Path) -> Iterator[int]:
    """Hold the lock until left; yields its descriptor, for the demo's processes to keep open as well.

    The lock is free when nobody has it open any more: a demo begins when the last process of the one before
    has gone. A process that outlives its guard, because somebody killed that too, is killed here.

    Raises:
        DemoFailed: another demo is running.
    """
    var.mkdir(parents=True, exist_ok=True)
    with (var / "demo.lock").open("a+") as lock:
        deadline = time.monotonic() + STOPPING
        while not _locked(lock):
            lock.seek(0)
            owner = lock.read().strip()
            users = _users(var / "demo.lock")
            if owner in map(str, users):
                raise DemoFailed(f"another demo is running in {var}, as process {owner}; stop it first")
            if not any(str(GUARD) in command for command in users.values()):
                _kill(user for user, command in users.items() if str(EXAMPLE) in command)
            if time.monotonic() > deadline:
                raise DemoFailed(
                    f"a process that the demo {owner} started is still at work in {var}; stop it first"
                )
            time.sleep(0.2)
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield lock.fileno()


def _locked(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _users(path: Path) -> dict[int, str]:
    """The other processes that have the file open, with their command lines; none where /proc is missing."""
    users = {}
    for descriptor in Path("/proc").glob("[0-9]*/fd/*"):
        with suppress(OSError):  # gone meanwhile, or somebody else's
            if descriptor.readlink() == path.resolve():
                process = descriptor.parent.parent
                users[int(process.name)] = (process / "cmdline").read_text(errors="replace")
    users.pop(os.getpid(), None)
    return users


def _kill(processes: Iterable[int]) -> None:
    for process in processes:
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
