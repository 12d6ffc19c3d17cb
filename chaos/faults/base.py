"""Fault: one way things go wrong, where it can be provoked, and what it excuses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from chaos.engines import Engine
from chaos.oracle import Expectation
from chaos.publisher import Order
from chaos.world import World

EVENTS = 20
"""Published in a usual run, for five people each."""

ORDER = Order(start=1, count=EVENTS)


def _everywhere(engine: Engine, database: str) -> bool:
    return True


def _nothing(world: World) -> None:
    pass


@dataclass(frozen=True)
class Fault:
    """A row of the table.

    Attributes:
        name: as it is shown, and chosen with FAULT=.
        scenario: begins the world, publishes and strikes; the run settles and judges afterwards.
        applies: whether it can happen on an engine and a database.
        excuses: what the oracle must not hold against the run, apart from `World.window`.
        quick: whether it belongs to the subset for CI.
        check: called when all is settled; raises `NotStruck` if the run shows nothing.
    """

    name: str
    scenario: Callable[[World], None]
    applies: Callable[[Engine, str], bool] = _everywhere
    excuses: Expectation = field(default=Expectation())
    quick: bool = False
    check: Callable[[World], None] = _nothing
