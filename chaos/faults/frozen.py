"""Workers cut off but alive: stopped past their lease, then let go on with what they believed was theirs."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

from chaos.faults.base import ORDER, Fault, has_workers
from chaos.processes import process_connected_from
from chaos.sink import Delivery
from chaos.world import World

PAST_LEASE = 6
"""Seconds; the lease is 4."""


def _freeze_sender(world: World) -> None:
    """Stop who sends a mail, past the lease of all it has claimed; accept its mail; let it go on."""
    frozen: list[int] = []

    def on_data(delivery: Delivery) -> str:
        if delivery.ordinal < 5 or frozen:
            return ""
        frozen.append(process_connected_from(delivery.port))
        os.kill(frozen[0], signal.SIGSTOP)
        world.strike(window=1)
        threading.Timer(PAST_LEASE, os.kill, (frozen[0], signal.SIGCONT)).start()
        return ""

    world.sink.on_data = on_data
    world.begin()
    world.publish(ORDER)
    world.wait_for(lambda: frozen, "a sender to stop")
    threading.Event().wait(PAST_LEASE + 1)


def _freeze_handler(world: World) -> None:
    """Stop who runs a handler, before it writes; another does its work; its own late writes are refused."""
    (world.folder / "ambush").touch()
    world.begin()
    world.publish(ORDER)

    def caught() -> list[Path]:
        return list(world.folder.glob("caught-*"))

    (trace,) = world.wait_for(caught, "a handler in the ambush")
    pid = int(trace.name.partition("-")[2])
    os.kill(pid, signal.SIGSTOP)
    world.strike()
    (world.folder / "released").touch()
    threading.Event().wait(PAST_LEASE)
    os.kill(pid, signal.SIGCONT)
    threading.Event().wait(1)


FAULTS = [
    Fault("sender stopped past its lease", _freeze_sender, has_workers, quick=True),
    Fault("handler stopped past its lease", _freeze_handler, has_workers),
]
