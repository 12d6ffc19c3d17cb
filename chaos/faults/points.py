"""Strikes at each named point of the pipeline: the process is killed there, or an exception raised."""

from __future__ import annotations

from functools import partial

from chaos.faults.base import ORDER, Fault
from chaos.faults.crowd import gather
from chaos.faults.detours import DETOURS
from chaos.publisher import Order
from chaos.world import World
from clarion.faults import POINTS

MID = "kill in a fan-out to 10,000, "
QUICK = frozenset({"kill at hint.before_enqueue", "kill at handler.before_commit"})

CROWD = Order(start=1, count=1, last=10_000)
"""They are told in five batches."""

HALF = {"notify.between_chunks": 3, "process.before_commit": 2}
"""At which of its batches a process is struck. One names all people; two at a time tell them."""


def _strike(point: str, action: str, world: World) -> None:
    world.record.window_at_points = int(point == "send.after_smtp")
    world.begin(CLARION_FAULTS=f"{point}={action}")
    world.publish(ORDER)


def _strike_crowd(point: str, world: World) -> None:
    world.deadline = 200  # a batch whose worker died is told one by one, and it has 2,000 people
    gather(CROWD.last)
    world.begin(CLARION_FAULTS=f"{point}=kill@{HALF[point]}")
    world.publish(CROWD)


FAULTS = [
    *(
        Fault(name := f"{action} at {point}", partial(_strike, point, action), quick=name in QUICK)
        for point in sorted(POINTS - DETOURS.keys())
        for action in ("kill", "raise")
    ),
    Fault(f"{MID}telling", partial(_strike_crowd, "notify.between_chunks")),
    Fault(f"{MID}processing", partial(_strike_crowd, "process.before_commit"), quick=True),
]
