"""The demo's own processes: cluster, relay, web. They end when the demo does, however it ends."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

EXAMPLE = Path(__file__).resolve().parent.parent
GUARD = EXAMPLE / "demonstration" / "guard.py"
LOOPBACK = "127.0.0.1"


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
            *(sys.executable, str(GUARD), str(lock)),
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
