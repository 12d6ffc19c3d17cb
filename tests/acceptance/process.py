"""A process that a test starts, and stops."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

STOPPING = 15
"""Seconds that a process may take to stop. Under a backlog a Django-Q2 cluster can hang for ever."""


@contextmanager
def running(
    command: Sequence[str], environment: Mapping[str, str], log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command, in a process group of its own, until the block is left; its output goes to `log`."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        # To the main process alone: a SIGTERM to the whole group makes Django-Q2's shutdown hang.
        process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(STOPPING)
        kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a process and whatever it has started, at once and without a warning."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def process_connected_from(port: int, group: int) -> int:
    """Return the pid of the process, of a process group, that holds the client's end of a TCP connection."""
    held = f"socket:[{_inode_of(port)}]"
    for folder in Path("/proc").glob("[0-9]*"):
        # Processes come and go while we look.
        with suppress(OSError):
            if os.getpgid(int(folder.name)) == group and any(
                os.readlink(descriptor) == held for descriptor in (folder / "fd").iterdir()
            ):
                return int(folder.name)
    raise LookupError(f"no process of group {group} is connected from port {port}")


def _inode_of(port: int) -> str:
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if int(fields[1].partition(":")[2], 16) == port:
            return fields[9]
    raise LookupError(f"no connection from port {port}")
