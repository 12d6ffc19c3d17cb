"""The demo's own processes: cluster, relay, web. They end when the demo does, however it ends."""

from __future__ import annotations

import fcntl
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

EXAMPLE = Path(__file__).resolve().parent.parent
LOOPBACK = "127.0.0.1"
STOPPING = 15
"""Seconds that the processes of an earlier demo may take to stop; more than their guards allow them."""


class DemoFailed(Exception):
    """The demo cannot go on; the message says why and what to do."""


class ManagedProcess:
    """`manage.py` with some arguments, run under a guard from entering to leaving the context."""

    def __init__(
        self, arguments: Sequence[str], environment: Mapping[str, str], var: Path, lock: int
    ) -> None:
        """`environment` is added to the demo's own; `lock` is a descriptor that the process keeps open."""
        self._name = " ".join(arguments)
        self._log = var / "log" / f"{'-'.join(arguments[:2])}.log"
        self._environment = environment
        self._lock = lock
        self._command = [
            *(sys.executable, str(EXAMPLE / "demonstration" / "guard.py"), str(lock)),
            *(sys.executable, str(EXAMPLE / "manage.py"), *arguments),
        ]

    def __enter__(self) -> ManagedProcess:
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("wb") as output:
            self._guard = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **self._environment},
                pass_fds=[self._lock],
                start_new_session=True,  # Ctrl-C is for the demo alone; it then closes the pipes
            )
        return self

    def __exit__(self, *_: object) -> None:
        assert self._guard.stdin is not None
        self._guard.stdin.close()
        self._guard.wait()

    def check(self) -> None:
        """Raise DemoFailed, with the end of the log, if the process has ended by itself."""
        if self._guard.poll() is not None:
            end = self._log.read_text(errors="replace").splitlines()[-15:]
            raise DemoFailed("\n  ".join([f"{self._name} has stopped; the end of {self._log}:", *end]))


@contextmanager
def only_demo(var: Path) -> Iterator[int]:
    """Hold the lock on the var folder until left; yields its descriptor for the processes to hold as well.

    Raises:
        DemoFailed: another demo, or a process of one, still holds it.
    """
    var.mkdir(parents=True, exist_ok=True)
    with (var / "demo.lock").open("a+") as lock:
        deadline = time.monotonic() + STOPPING
        while not _locked(lock):
            if time.monotonic() > deadline:
                lock.seek(0)
                holder = lock.read().strip()
                raise DemoFailed(
                    f"process {holder} or one that it started is at work in {var}; stop it first"
                )
            time.sleep(0.2)
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield lock.fileno()


def free_port(preferred: int = 0) -> int:
    """The preferred port or the next free one after it; any free port where there is no preference."""
    port = preferred
    while True:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((LOOPBACK, port))
            except OSError:
                port += 1
                continue
            return int(probe.getsockname()[1])


def _locked(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
