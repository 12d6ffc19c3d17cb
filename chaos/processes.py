"""Processes: started in groups of their own, found by their connections, and always gone in the end."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path


class Supervised:
    """A command that is started again whenever it ends, as a process supervisor would."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        """Start it; its output is appended to `log`."""
        self._command, self._environment, self._log = command, dict(environment), log
        self.starts = 0
        self._stopping = threading.Event()
        self._process = self._start()
        self._guard = threading.Thread(target=self._keep_running, daemon=True)
        self._guard.start()

    @property
    def group(self) -> int:
        """The process group, which is also the id of its first process."""
        return self._process.pid

    def kill(self) -> None:
        """Kill the whole group at once; it is started again."""
        kill_group(self._process.pid)

    def stop(self) -> None:
        """Kill the whole group, for good."""
        self._stopping.set()
        while self._guard.is_alive():
            self.kill()
            self._guard.join(0.05)

    def _start(self) -> subprocess.Popen[bytes]:
        self.starts += 1
        with self._log.open("ab") as output:
            return subprocess.Popen(
                self._command,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _keep_running(self) -> None:
        while True:
            self._process.wait()
            # What it has left behind goes too, as in a container.
            kill_group(self._process.pid)
            if self._stopping.wait(0.1):
                return
            self._process = self._start()


def kill_group(group: int) -> None:
    """Kill every process of a group."""
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


def sweep(run: str) -> None:
    """Kill what is left of the runs whose names begin so: their processes have it in their environment."""
    mark = f"CHAOS_RUN={run}".encode()
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            variables = (folder / "environ").read_bytes().split(b"\0")
            if any(variable.startswith(mark) for variable in variables):
                os.kill(int(folder.name), signal.SIGKILL)


LOOKS = 20
"""What a process opens or closes while we look may hide what it holds."""


def process_connected_from(port: int) -> int:
    """Return the id of the process that holds the client's end of a TCP connection to this machine.

    Raises:
        LookupError: there is none any more.
    """
    held = f"socket:[{_inode_of(port)}]"
    for _ in range(LOOKS):
        for folder in Path("/proc").glob("[0-9]*"):
            if held in _descriptors(folder):
                return int(folder.name)
    raise LookupError(f"no process is connected from port {port}")


def _descriptors(process: Path) -> Iterator[str]:
    # Processes and what they hold come and go while we look.
    with suppress(OSError):
        for descriptor in (process / "fd").iterdir():
            with suppress(OSError):
                yield os.readlink(descriptor)


def is_stopped(pid: int) -> bool:
    """Whether a process has been stopped by a signal."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


def _inode_of(port: int) -> str:
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if int(fields[1].partition(":")[2], 16) == port:
            return fields[9]
    raise LookupError(f"no connection from port {port}")
