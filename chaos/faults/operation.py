"""Who should be running is not: nothing is lost, and the health check says so out loud."""

from __future__ import annotations

from chaos import broker
from chaos.faults.base import ORDER, Fault, has_workers
from chaos.world import World


def _no_workers(world: World) -> None:
    world.sink.open()
    world.start_relay()
    world.publish(ORDER).result()
    world.strike()
    world.wait_for(lambda: "start workers" in world.health(), "the health check to ask for workers")
    world.start_workers()


def _no_relay(world: World) -> None:
    """Every hint is lost, and nobody offers the work again until the relay is started."""
    world.sink.open()
    world.environment["CLARION_FAULTS"] = "hint.before_enqueue=raise"
    world.publish(ORDER).result()
    del world.environment["CLARION_FAULTS"]
    if world.engine.workers:
        broker.wipe(world.engine)
        world.start_workers()
    world.strike()
    world.wait_for(lambda: "relay" in world.health(), "the health check to ask for the relay")
    world.start_relay()


FAULTS = [
    Fault("no worker is running", _no_workers, has_workers, quick=True),
    Fault("no relay is running", _no_relay),
]
