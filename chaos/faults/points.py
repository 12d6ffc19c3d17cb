"""Strikes at each named point of the pipeline: the process is killed there, or an exception raised."""

from __future__ import annotations

from functools import partial

from chaos.faults.base import ORDER, Fault
from chaos.publisher import Order
from chaos.world import World
from clarion.faults import POINTS

MID = "kill in a fan-out to 5,000, "
QUICK = frozenset({"kill at hint.before_enqueue", "kill at handler.before_commit"})

OFTEN = 0.8
"""The chance at each of the three steps of a large fan-out, so that it is not always struck at the first."""

CROWD = Order(start=1, count=1, last=5000)


def _strike(point: str, action: str, world: World) -> None:
    world.record.window_at_points = int(point == "send.after_smtp")
    world.begin(CLARION_FAULTS=f"{point}={action}")
    world.publish(ORDER)


def _strike_crowd(point: str, world: World) -> None:
    world.begin(CLARION_FAULTS=f"{point}=kill@{OFTEN}")
    world.publish(CROWD)


FAULTS = [
    *(
        Fault(name := f"{action} at {point}", partial(_strike, point, action), quick=name in QUICK)
        for point in sorted(POINTS)
        for action in ("kill", "raise")
    ),
    Fault(f"{MID}telling", partial(_strike_crowd, "notify.between_chunks")),
    Fault(f"{MID}processing", partial(_strike_crowd, "process.before_commit"), quick=True),
]
