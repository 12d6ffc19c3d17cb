"""Access: between event and mail somebody loses theirs, or what it is about has gone."""

from __future__ import annotations

from chaos.faults.barrier import mails_held_back, wait_for_mails
from chaos.faults.base import EVENTS, Fault
from chaos.oracle import Expectation
from chaos.publisher import Order
from chaos.world import World

CONFIDENTIAL = Order(start=1, count=EVENTS, event_type="chaos.confidential")
BARRED = 2
OF_BARRED = range(1, 11)
"""Happenings of which one person may not know any more."""
GONE = range(16, 21)
"""Happenings of which nobody may."""


def _lose(world: World) -> None:
    from chaos.project.models import Happening

    world.begin()
    with mails_held_back():
        world.publish(CONFIDENTIAL)
        wait_for_mails(world, CONFIDENTIAL.count * CONFIDENTIAL.last)
        Happening.objects.filter(number__in=OF_BARRED).update(barred=BARRED)
        Happening.objects.filter(number__in=GONE).update(is_gone=True)
        world.strike()


def _no_others_were_cancelled(world: World) -> None:
    from clarion.models import EmailNotification, Status

    people = range(CONFIDENTIAL.first, CONFIDENTIAL.last + 1)
    expected = {(number, BARRED) for number in OF_BARRED}
    expected |= {(number, person) for number in GONE for person in people}
    cancelled = {
        (mail.event.params["number"], mail.person_id)
        for mail in EmailNotification.objects.select_related("event")
        if mail.status == Status.CANCELLED and mail.note == "no_access"
    }
    for number, person in expected - cancelled:
        world.complaints.append(f"person {person} may not know of {number}; their mail was not cancelled")
    for number, person in cancelled - expected:
        world.complaints.append(f"person {person} may know of {number}; their mail was cancelled")


FAULTS = [
    Fault(
        "access lost, or the subject gone, in mid-flight",
        _lose,
        excuses=Expectation(cancels=True),
        check=_no_others_were_cancelled,
    )
]
