"""Poison: work that harms who does it, each time. It is tried so often, then dead; everything else flows."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

from chaos.engines import Engine
from chaos.expectation import Expectation
from chaos.faults.barrier import mails_held_back, wait_for_mails
from chaos.faults.base import EVENTS, ORDER, Fault, everywhere, has_workers
from chaos.publisher import Order
from chaos.world import World

DEAD = Expectation(poison={"chaos.poison"}, exhausts={"chaos.poison"})
# Who is killed holds the lease until it runs out: three times 4 s, and all else takes a few. Of others it is
# not fair to ask: what only raises is dead in a second or two, and what hangs may keep all workers there are.
OVERTAKEN = replace(DEAD, is_overtaken=True)
# It is tried as long as it is kept, since a worker may come that has the code, and no attempt is counted.
ORPHANED = Expectation(poison={"chaos.orphan"})


def _stops_hangs(engine: Engine, database: str) -> bool:
    return engine.stops_hangs


LIMITS = {"hangs": {"CHAOS_TASK_TIMEOUT": "3"}, "eats memory": {"CHAOS_MEMORY": "400"}}

POISONOUS, ATTEMPTS = 2, 3

TEMPLATES = Path(__file__).parents[1] / "project" / "templates"
POISONED = 1
"""The person, by number, who is written the poisonous mails."""
MAIL_DEAD = Expectation(kills_mail={POISONED})


def _poison(how: str, world: World) -> None:
    world.begin(CHAOS_ATTEMPTS=str(ATTEMPTS), **LIMITS.get(how, {}))
    # An engine's limit is longer than a job, else. This one may end a job that has just sent a mail, at any
    # time until there is no work.
    with world.striking(window=POISONOUS * ATTEMPTS if how == "hangs" else 0):
        world.publish(Order(start=1000, count=POISONOUS, event_type="chaos.poison", how=how)).result()
        world.publish(ORDER)
        world.settle()


def _poison_mail(how: str, world: World) -> None:
    """Let poisonous mails be among others, so that who sends them holds those as well."""
    limits = LIMITS.get(how, {})
    world.begin(CHAOS_ATTEMPTS=str(ATTEMPTS), CHAOS_TEMPLATES=str(TEMPLATES), **limits)
    half = EVENTS // 2
    poison = Order(start=1000, count=POISONOUS, last=POISONED, event_type="chaos.poisoned_mail", how=how)
    with world.striking(window=POISONOUS * ATTEMPTS if how == "hangs" else 0):
        with mails_held_back():
            world.publish(Order(start=1, count=half)).result()
            world.publish(poison).result()
            world.publish(Order(start=half + 1, count=EVENTS - half))
            wait_for_mails(world, EVENTS * ORDER.last + POISONOUS)
        world.settle()


def _died_alone(world: World) -> None:
    from clarion.models import EmailNotification, Status

    for mail in EmailNotification.objects.select_related("event"):
        is_poisonous = mail.event.event_type == "chaos.poisoned_mail"
        if is_poisonous and (mail.status != Status.DEAD or mail.attempts != ATTEMPTS):
            world.complaints.append(f"a poisonous mail is {mail.status} after {mail.attempts} attempts")
        elif not is_poisonous and mail.status != Status.SENT:
            world.complaints.append(f"a wholesome mail is {mail.status}: {mail.error or mail.note}")


def _unknown_handler(world: World) -> None:
    """A handler has a run, and is in no worker any more for as long as the event is kept."""
    from clarion.models import EventLog, HandlerRun

    world.strike()
    world.publish(Order(start=1000, count=1, event_type="chaos.orphan", first=1, last=0)).result()
    event = EventLog.objects.get()
    HandlerRun.objects.create(event=event, handler="chaos.project.notifiers.gone", delete_at=event.delete_at)
    world.begin()
    world.publish(ORDER)


FAULTS = [
    Fault("handler raises, each time", partial(_poison, "raises"), excuses=DEAD),
    Fault("handler segfaults, each time", partial(_poison, "segfaults"), excuses=OVERTAKEN, quick=True),
    Fault("handler eats all memory, each time", partial(_poison, "eats memory"), excuses=DEAD),
    Fault("handler hangs, each time", partial(_poison, "hangs"), _stops_hangs, DEAD),
    *(
        Fault(
            f"mail {how}, each time",
            partial(_poison_mail, how),
            _stops_hangs if how == "hangs" else everywhere,
            MAIL_DEAD,
            quick=how == "segfaults",
            check=_died_alone,
        )
        for how in ("raises", "segfaults", "eats memory", "hangs")
    ),
    Fault("handler that is in no worker", _unknown_handler, has_workers, ORPHANED),
]
