"""The mail server: slow, full, unwilling, or struck in the middle of a conversation."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable

from chaos.canary import address_of
from chaos.expectation import EVERYBODY, Expectation
from chaos.faults.base import ORDER, Fault, has_workers
from chaos.processes import process_connected_from
from chaos.publisher import Order
from chaos.sink import Delivery
from chaos.world import World

STRUCK = frozenset({5, 30})
"""Which mails are struck, of the hundred of a run."""

REFUSED = 2
"""A person, by number."""


def _kill_sender(world: World, delivery: Delivery, window: int) -> None:
    world.strike(window)
    os.kill(process_connected_from(delivery.port), signal.SIGKILL)


def _kill_before_acceptance(world: World) -> None:
    def on_data(delivery: Delivery) -> str:
        if delivery.ordinal not in STRUCK:
            return ""
        _kill_sender(world, delivery, window=0)
        return "451 you are dead"

    world.sink.on_data = on_data
    world.begin()
    world.publish(ORDER)


def _kill_after_acceptance(world: World, order: Order = ORDER, window: int = 1) -> None:
    def after_acceptance(delivery: Delivery) -> None:
        if delivery.ordinal in STRUCK:
            _kill_sender(world, delivery, window)

    world.sink.after_acceptance = after_acceptance
    world.begin()
    world.publish(order)


def _kill_at_most_once(world: World) -> None:
    _kill_after_acceptance(world, Order(**{**vars(ORDER), "event_type": "chaos.once"}), window=0)


def _answer(reply: str) -> Callable[[World], None]:
    def scenario(world: World) -> None:
        def on_data(delivery: Delivery) -> str:
            if delivery.ordinal % 7:
                return ""
            world.strike()
            return reply

        world.sink.on_data = on_data
        world.begin()
        world.publish(ORDER)

    return scenario


def _refuse_one_address(world: World) -> None:
    def on_recipient(delivery: Delivery) -> str:
        if delivery.recipient != address_of(REFUSED):
            return ""
        world.strike()
        return "550 no such mailbox"

    world.sink.on_recipient = on_recipient
    world.begin()
    world.publish(ORDER)


def _refuse_password(world: World) -> None:
    world.sink.password = "changed by the provider"
    world.begin(CHAOS_SMTP_USER="chaos")
    world.strike()
    world.publish(ORDER)

    def paused() -> bool:
        from clarion.models import ChannelPause

        return ChannelPause._default_manager.filter(error__contains="535").exists()

    world.wait_for(paused, "the channel to be paused")
    _reopen(world, password="chaos")


def _address_is_suppressed(world: World) -> None:
    from clarion.models import EmailNotification, Status, SuppressedAddress

    suppressed = dict(SuppressedAddress._default_manager.values_list("address", "error"))
    refused = address_of(REFUSED)
    if list(suppressed) != [refused] or not suppressed[refused].endswith("550 no such mailbox"):
        world.complaints.append(f"these addresses are suppressed: {suppressed}")
    for mail in EmailNotification.objects.exclude(status=Status.SENT):
        is_refused = mail.status == Status.DEAD and mail.attempts == 1 and "550" in mail.error
        is_skipped = mail.status == Status.CANCELLED and mail.note == "suppressed"
        if mail.address != refused or not (is_refused or is_skipped):
            said = mail.error or mail.note
            world.complaints.append(f"a mail is {mail.status}, attempt {mail.attempts}: {said}")


def _no_attempt_was_used_up(world: World) -> None:
    from clarion.models import EmailNotification

    for attempts in EmailNotification.objects.exclude(attempts=1).values_list("attempts", flat=True):
        world.complaints.append(f"a mail took {attempts} attempts, though nobody was let in")


def _go_away(world: World) -> None:
    world.begin()
    world.publish(ORDER)
    world.wait_for(lambda: len(world.sink.ledger) >= 10, "the first mails")
    with world.striking(window=2):
        world.sink.close()
    threading.Event().wait(3)
    world.sink.open()


def _drip(world: World) -> None:
    world.sink.drip = 0.5
    world.begin()
    world.strike()
    world.publish(ORDER)

    def inbox_is_full() -> bool:
        from clarion.models import AppNotification

        return AppNotification.objects.count() == ORDER.count * ORDER.last

    world.wait_for(inbox_is_full, "an inbox that does not wait for the mail")
    world.sink.drip = 0


def _reopen(world: World, password: str) -> None:
    world.sink.close()
    world.sink.password = password
    world.sink.open()


# Anybody's mail may be the one whose sender is killed.
_MAY_BE_UNKNOWN = Expectation(kills_mail=EVERYBODY)
_IS_REFUSED = Expectation(kills_mail={REFUSED}, cancels={REFUSED})

FAULTS = [
    Fault("sender killed before the server's 250", _kill_before_acceptance),
    Fault("sender killed after the server's 250", _kill_after_acceptance, quick=True),
    Fault("sender killed after the 250, at most once", _kill_at_most_once, excuses=_MAY_BE_UNKNOWN),
    Fault("421 closing", _answer("421 closing")),
    Fault("451 try later", _answer("451 try later")),
    Fault("452 full", _answer("452 full")),
    Fault("550 no such mailbox", _refuse_one_address, excuses=_IS_REFUSED, check=_address_is_suppressed),
    Fault("535 wrong password", _refuse_password, check=_no_attempt_was_used_up),
    Fault("mail server gone for 3 s", _go_away),
    # Where mail is sent by who publishes, all else waits for a slow mail server: see clarion.W003.
    Fault("mail server drips its answers", _drip, has_workers),
]
