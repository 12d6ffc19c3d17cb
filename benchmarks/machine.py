"""Machine: on what it was measured, and with which versions."""

from __future__ import annotations

import os
import platform
import subprocess
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Self

from chaos.databases import DATABASES

PACKAGES = (
    *("django", "django-q2", "psycopg"),
    *("django-notifications-community", "vintasend-django"),
)


@dataclass(frozen=True)
class Machine:
    """Cores, memory, software, and who else was at work.

    Attributes:
        day: when, in UTC.
        commit: of Clarion's repository; "" outside one.
        hardware: cores and memory.
        software: names and versions.
        load_before, load_after: over one minute.
    """

    day: str
    commit: str
    hardware: str
    software: list[str] = field(default_factory=list)
    load_before: float = 0.0
    load_after: float = 0.0

    @classmethod
    def here(cls) -> Self:
        """Return this machine, as it is now."""
        memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
        return cls(
            day=f"{datetime.now(UTC):%Y-%m-%d}",
            commit=_commit(),
            hardware=f"{os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} {platform.machine()}",
            software=[f"Python {platform.python_version()}", *_packages(), *_databases()],
            load_before=os.getloadavg()[0],
        )

    def __str__(self) -> str:
        """Say all but the load."""
        return f"{self.day}, commit `{self.commit}`, {self.hardware}; {', '.join(self.software)}"


def _packages() -> list[str]:
    found = []
    for name in PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            found.append(f"no {name}")
    return found


def _databases() -> list[str]:
    return [DATABASES[kind].version() for kind in ("postgres", "sqlite") if not DATABASES[kind].absence()]


def _commit() -> str:
    asked = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=False,
    )
    return asked.stdout.strip()
