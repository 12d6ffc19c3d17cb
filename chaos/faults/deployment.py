"""Deployment: whoever publishes is newer than the workers, or older."""

from __future__ import annotations

from chaos.faults.base import ORDER, Fault, has_workers
from chaos.publisher import Order
from chaos.world import World

OLDER, PENDING = Order(start=100, count=10), Order(start=200, count=10)


def _publisher_is_newer(world: World) -> None:
    """The product publishes a version that the workers do not know yet; then newer workers come as well."""
    world.begin()
    world.publish(OLDER).result()
    world.strike()
    world.publish(ORDER, CHAOS_CODE="2").result()

    def parked() -> bool:
        from clarion.models import HandlerRun

        return HandlerRun.objects.filter(error__contains="UnknownPayloadVersion").exists()

    world.wait_for(parked, "the newer version to be parked, visibly")
    world.start_workers(CHAOS_CODE="2")


def _publisher_is_older(world: World) -> None:
    """The older workers stop with work before them, and more is published; then newer ones come alone."""
    from chaos.project.models import Effect

    world.sink.open()
    world.start_relay()
    older = world.start_workers()
    world.publish(OLDER)
    world.wait_for(Effect.objects.exists, "the older workers to begin")
    world.strike(window=2)
    older.stop()
    world.publish(PENDING).result()
    world.start_workers(CHAOS_CODE="2")


def _pending_was_upcast(world: World) -> None:
    from chaos.project.models import Effect

    numbers = range(PENDING.start, PENDING.start + PENDING.count)
    for number, place in Effect.objects.filter(number__in=numbers).values_list("number", "place"):
        if place != "somewhere":
            world.complaints.append(f"happening {number} was handled without being upcast: place “{place}”")


FAULTS = [
    Fault("newer events for older workers", _publisher_is_newer, has_workers, quick=True),
    Fault("older events for newer workers", _publisher_is_older, has_workers, check=_pending_was_upcast),
]
