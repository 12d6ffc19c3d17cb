"""A worker whose clock is an hour wrong. Leases and due times are on the database's clock."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from chaos.engines import Engine
from chaos.faults.base import ORDER, Fault
from chaos.world import World

LIBRARY = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1")
"""Of Debian's package libfaketime."""


def _can_lie(engine: Engine, database: str) -> bool:
    return bool(engine.workers) and LIBRARY.exists() and database != "sqlite"


def _skew(offset: str, world: World) -> None:
    lie = {"LD_PRELOAD": str(LIBRARY), "FAKETIME": offset, "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    world.begin()
    world.start_workers(**lie)
    world.strike()
    world.publish(ORDER)


FAULTS = [
    Fault("clock of one worker an hour ahead", partial(_skew, "+1h"), _can_lie),
    Fault("clock of one worker an hour behind", partial(_skew, "-1h"), _can_lie),
]
