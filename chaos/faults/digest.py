"""Digests: whoever sends one is struck while the mails of a person are on their way in one message."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

from chaos.faults.barrier import wait_for_mails
from chaos.faults.base import ORDER, Fault
from chaos.processes import process_connected_from
from chaos.publisher import Order
from chaos.sink import Delivery
from chaos.world import NotStruck, World

STRUCK = frozenset({1, 4})
"""Which messages are struck, of the five or more of a run."""

SINCE = Order(start=ORDER.start + ORDER.count, count=5)


def _kill_after_acceptance(world: World) -> None:
    def after_acceptance(delivery: Delivery) -> None:
        if delivery.ordinal in STRUCK:
            world.strike(window=1)
            os.kill(process_connected_from(delivery.port), signal.SIGKILL)

    world.sink.after_acceptance = after_acceptance
    world.begin()
    _let_digests_come(world, lambda: world.record.began is not None)


def _kill_before_smtp(world: World) -> None:
    world.begin(CLARION_FAULTS="send.before_smtp=kill")
    _let_digests_come(world, lambda: any((world.folder / "strikes").iterdir()))


def _let_digests_come(world: World, is_struck: Callable[[], bool]) -> None:
    """Let mails gather for each person, and be due; and more of them once the sender is struck."""
    from clarion.models import Cadence, NotificationPreference

    NotificationPreference.objects.bulk_create(
        NotificationPreference(person_id=person, cadences={"chaos": Cadence.WEEKLY})
        for person in range(ORDER.first, ORDER.last + 1)
    )
    world.publish(ORDER)
    _make_due(world, ORDER.count * ORDER.last)
    world.wait_for(is_struck, "a digest to be struck")
    world.publish(SINCE)
    _make_due(world, (ORDER.count + SINCE.count) * ORDER.last)


def _make_due(world: World, count: int) -> None:
    from clarion.database.clock import Now
    from clarion.models import EmailNotification, Status

    wait_for_mails(world, count)
    EmailNotification.objects.filter(status=Status.PENDING).update(due_at=Now())


def _were_digests(world: World) -> None:
    from clarion.models import EmailNotification

    letters = EmailNotification.objects.count()
    messages = len({mail.message_id for mail in world.sink.ledger})
    if messages > letters / 2:
        raise NotStruck(f"{letters} mails came in {messages} messages, which is no digest")


FAULTS = [
    Fault("digest's sender killed after the 250", _kill_after_acceptance, check=_were_digests),
    Fault("digest's sender killed before SMTP", _kill_before_smtp, check=_were_digests),
]
