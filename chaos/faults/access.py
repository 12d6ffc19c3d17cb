"""Access: between event and mail somebody loses theirs, or what it is about has gone."""

from __future__ import annotations

from chaos.expectation import EVERYBODY, Expectation
from chaos.faults.barrier import mails_held_back, wait_for_mails
from chaos.faults.base import EVENTS, Fault
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
    expected = {(number, BARRED, "no_access") for number in OF_BARRED}
    expected |= {(number, person, "subject_gone") for number in GONE for person in people}
    mails = EmailNotification.objects.select_related("event").filter(status=Status.CANCELLED)
    cancelled = {(mail.event.params["number"], mail.person_id, mail.note) for mail in mails}
    for number, person, reason in expected - cancelled:
        world.complaints.append(f"person {person}'s mail of {number} was not cancelled for {reason}")
    for number, person, reason in cancelled - expected:
        world.complaints.append(f"person {person}'s mail of {number} was cancelled for {reason}")


FAULTS = [
    Fault(
        "access lost, or the subject gone, in mid-flight",
        _lose,
        excuses=Expectation(cancels=EVERYBODY),
        check=_no_others_were_cancelled,
    )
]
