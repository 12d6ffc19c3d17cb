"""Fault: one way things go wrong, where it can be provoked, and what it excuses."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field

from chaos.engines import Engine
from chaos.expectation import Expectation
from chaos.publisher import Order
from chaos.world import World

WHERE = f"{os.environ.get('PATH', '')}{os.pathsep}/usr/sbin{os.pathsep}/sbin"

EVENTS = 20
"""Published in a usual run, for five people each."""

ORDER = Order(start=1, count=EVENTS)


def _nothing(world: World) -> None:
    pass


def _here() -> str:
    return ""


def needs_root(*programs: str) -> Callable[[], str]:
    """Return a look at whether we are root, on Linux, and these programs are installed."""

    def look() -> str:
        missing = [program for program in programs if shutil.which(program, path=WHERE) is None]
        if os.geteuid() != 0:
            missing.insert(0, "root's rights")
        return f"there is no {', no '.join(missing)}" if missing else ""

    return look


def everywhere(engine: Engine, database: str) -> bool:
    """Applies on all."""
    return True


def has_workers(engine: Engine, database: str) -> bool:
    """Applies where work is done by others than who publishes."""
    return bool(engine.workers)


def is_server(engine: Engine, database: str) -> bool:
    """Applies to databases that are reached over a connection."""
    return database != "sqlite"


@dataclass(frozen=True)
class Fault:
    """A row of the table.

    Attributes:
        name: as it is shown, and chosen with FAULT=.
        scenario: begins the world, publishes and strikes; the run settles and judges afterwards.
        applies: whether it can happen on an engine and a database.
        excuses: what the oracle must not hold against the run, apart from the strikes themselves.
        quick: whether it belongs to the subset for CI.
        check: called when all is settled; raises `NotStruck` if the run shows nothing, and puts what the
            fault asks besides, and does not find, among `World.complaints`.
        absence: returns why it cannot be provoked on this machine; "" if it can.
        server: whether it needs a database server of its own, to be restarted.
        disk: MiB of the disk that the database is alone on; 0 if it shares the machine's.
    """

    name: str
    scenario: Callable[[World], None]
    applies: Callable[[Engine, str], bool] = everywhere
    excuses: Expectation = field(default=Expectation())
    quick: bool = False
    check: Callable[[World], None] = _nothing
    absence: Callable[[], str] = _here
    server: bool = False
    disk: int = 0
