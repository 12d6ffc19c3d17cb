"""Ground: the database server, or the disk, that a run has to itself because its fault is there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from chaos.databases import DATABASES
from chaos.servers import DATABASE_SERVERS, Server

BALLAST = "ballast"


@dataclass(frozen=True)
class Ground:
    """What a run has to itself; None where it shares."""

    server: Server | None = None
    disk: Path | None = None

    def fill_disk(self) -> None:
        """Leave no room on the disk."""
        assert self.disk
        with (self.disk / BALLAST).open("wb", buffering=0) as ballast:
            for size in (2**20, 2**12):
                try:
                    while True:
                        ballast.write(bytes(size))
                except OSError:  # as meant
                    continue

    def clear_disk(self) -> None:
        """Make room again."""
        assert self.disk
        (self.disk / BALLAST).unlink()


@contextmanager
def ground(folder: Path, *, server: bool, disk: int) -> Iterator[Ground]:
    """Prepare the ground, and lead this process and those it starts to it, by their environment.

    Args:
        folder: the run's own.
        server: whether the run needs a server of its own.
        disk: MiB of the disk that its database is on; 0 for the machine's.
    """
    kind = os.environ["CHAOS_DATABASE"]
    with ExitStack() as stack:
        place = stack.enter_context(_mounted(folder / "disk", disk)) if disk else None
        if kind not in DATABASE_SERVERS:
            if place:
                name = shutil.copy(os.environ["CHAOS_DATABASE_NAME"], place)
                os.environ["CHAOS_DATABASE_NAME"] = str(name)
            yield Ground(disk=place)
            return
        if not (server or disk):
            yield Ground()
            return
        own = (place or folder) / "server"
        own.mkdir()
        started = stack.enter_context(DATABASE_SERVERS[kind](own))
        os.environ |= started.environment
        DATABASES[kind].create(os.environ["CHAOS_DATABASE_NAME"])
        subprocess.run([sys.executable, "-m", "chaos.prepare"], check=True)
        yield Ground(started, place)


@contextmanager
def _mounted(folder: Path, size: int) -> Iterator[Path]:
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}m", "chaos", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
