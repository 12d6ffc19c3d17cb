"""Run a command for as long as standard input stays open.

The demo holds the other end of that pipe. When it goes away, even by SIGKILL, the kernel closes the pipe
and the command is stopped, so nothing outlives the demo.

Only the command's own process is asked to stop: a Django-Q2 cluster whose workers get the signal too may
hang.
"""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from threading import Thread

PATIENCE = 10
"""Seconds until what has not stopped is killed."""


def main() -> int:
    lock = int(sys.argv[1])
    command = subprocess.Popen(
        sys.argv[2:], stdin=subprocess.DEVNULL, start_new_session=True, pass_fds=[lock]
    )
    Thread(target=stop_at_end_of_input, args=[command], daemon=True).start()
    status = command.wait()
    kill_group(command.pid)
    return abs(status)


def stop_at_end_of_input(command: subprocess.Popen[bytes]) -> None:
    while os.read(sys.stdin.fileno(), 1024):
        pass
    command.terminate()
    try:
        command.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        kill_group(command.pid)


def kill_group(group: int) -> None:
    """End whatever the command has left behind in its own process group."""
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main())
