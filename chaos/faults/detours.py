"""Detours: points of the pipeline that a usual run does not pass, each with what leads to it."""

from __future__ import annotations

import subprocess
import threading
from contextlib import suppress
from datetime import timedelta
from functools import partial

from chaos import broker
from chaos.engines import DJANGO_ADMIN
from chaos.expectation import EVERYBODY, NOBODY, Expectation
from chaos.faults.barrier import mails_held_back, wait_for_mails
from chaos.faults.base import EVENTS, ORDER, Fault
from chaos.publisher import Order
from chaos.world import NotStruck, World

CONFIDENTIAL = Order(start=1, count=EVENTS, event_type="chaos.confidential")
RESOLVE = 'from clarion.bus import get_event_bus; get_event_bus().resolve("secret")'


def _strike_relay(strike: str, world: World) -> None:
    """Lose the hints: the relay gives new ones, and is struck when it has given some."""
    world.sink.open()
    world.publish(ORDER, CLARION_FAULTS="hint.before_enqueue=raise").result()
    world.environment["CLARION_FAULTS"] = strike
    if world.engine.workers:
        broker.wipe(world.engine)
        world.environment["CLARION_FAULTS"] += "@3"
        world.start_workers()
    world.start_relay()


def _strike_people(strike: str, world: World) -> None:
    """Kill who has claimed a batch: its people are told apart from it then."""
    world.begin(CLARION_FAULTS=f"process.after_claim=kill;{strike}")
    world.publish(ORDER)


def _strike_withdrawal(strike: str, world: World) -> None:
    """Settle what everybody has been told of in the app, and nobody by mail."""
    from clarion.models import EventLog, Status

    world.begin(CLARION_FAULTS=strike)
    with mails_held_back():
        world.publish(CONFIDENTIAL)
        wait_for_mails(world, CONFIDENTIAL.count * CONFIDENTIAL.last)
        done = EventLog.objects.filter(status=Status.DONE)
        world.wait_for(lambda: done.count() == CONFIDENTIAL.count, "the events to be done")
        command = [*DJANGO_ADMIN, "shell", "--command", RESOLVE]
        subprocess.run(command, env=world.environment, stdout=subprocess.DEVNULL, check=False)


def _strike_cleanup(strike: str, world: World) -> None:
    """Clean up in a loop; let the batches of people be past their time as soon as they are told."""
    from django.db import OperationalError
    from django.utils import timezone

    from clarion.models import RecipientBatch
    from clarion.models.work import FINISHED

    world.begin(CLARION_FAULTS=strike)
    world.start_cleanup()
    publishing = world.publish(Order(start=1, count=40, pause=0.05))
    while RecipientBatch.objects.exists() or not publishing.done():
        with suppress(OperationalError):  # MariaDB: a deadlock with the clean-up
            past = timezone.now() - timedelta(days=1)
            RecipientBatch.objects.filter(status__in=FINISHED).update(delete_at=past)
        threading.Event().wait(0.2)


def _was_struck(point: str, world: World) -> None:
    if not (world.folder / "strikes" / point).exists():
        raise NotStruck(f"nobody passed {point}")


def _was_withdrawn(point: str, world: World) -> None:
    from clarion.models import AppNotification, EmailNotification

    _was_struck(point, world)
    left = EmailNotification.objects.exclude(note="resolved").count()
    left += AppNotification.objects.filter(resolved_at=None).count()
    if left:
        world.complaints.append(f"{left} mails and inbox items were not settled")


DETOURS = {
    "relay.before_enqueue": _strike_relay,
    "people.before_commit": _strike_people,
    "withdrawal.between_chunks": _strike_withdrawal,
    "cleanup.between_batches": _strike_cleanup,
}
"""By point, what leads there."""

_CHECKS = {"withdrawal.between_chunks": _was_withdrawn}

FAULTS = [
    Fault(
        f"{action} at {point}",
        partial(scenario, f"{point}={action}"),
        excuses=Expectation(cancels=EVERYBODY if point == "withdrawal.between_chunks" else NOBODY),
        check=partial(_CHECKS.get(point, _was_struck), point),
    )
    for point, scenario in sorted(DETOURS.items())
    for action in ("kill", "raise")
]
