"""Soak: many events, two sets of workers killed in turn, and a random fault every few seconds."""

from __future__ import annotations

import os
import random
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from itertools import count

from chaos import broker
from chaos.databases import DATABASES
from chaos.faults.base import Fault
from chaos.faults.database import own_connection
from chaos.faults.frozen import PAST_LEASE
from chaos.processes import Supervised, process_connected_from
from chaos.publisher import Order
from chaos.sink import Delivery
from chaos.world import World

PUBLISHERS = 2
PAUSE = (2.0, 5.0)
"""The shortest and the longest time between two strikes, in seconds."""


class Striker:
    """Strikes at random until told to stop, and counts what it did."""

    def __init__(self, world: World, sets: list[Supervised], relay: Supervised) -> None:
        """`sets` are the workers that are killed in turn."""
        self._world, self._sets, self._relay = world, sets, relay
        self._turn = count()
        self._random = random.Random(world.seed)
        self._spare = own_connection()

    def strike(self) -> str:
        """Do one thing; return its name."""
        acts: list[Callable[[], None]] = [
            self._kill_workers,
            self._kill_sender,
            self._stop_sender,
            self._wipe_broker,
            self._close_sink,
            self._kill_relay,
        ]
        if self._world.environment["CHAOS_DATABASE"] != "sqlite":
            acts.append(self._terminate_connections)
        act = self._random.choice(acts)
        act()
        return act.__name__.strip("_").replace("_", " ")

    def pause(self) -> float:
        """Return how long to wait before the next."""
        return self._random.uniform(*PAUSE)

    def _kill_workers(self) -> None:
        self._world.strike(window=2)
        if self._sets:
            self._sets[next(self._turn) % len(self._sets)].kill()

    def _kill_relay(self) -> None:
        self._world.strike(window=int(not self._sets))
        self._relay.kill()

    def _wipe_broker(self) -> None:
        self._world.strike()
        broker.wipe(self._world.engine)

    def _terminate_connections(self) -> None:
        # Four workers and the relay may each be sending a mail whose outcome they can no longer write.
        database = DATABASES[self._world.environment["CHAOS_DATABASE"]]
        with self._world.striking(window=5):
            database.terminate(self._world.environment["CHAOS_DATABASE_NAME"], self._spare)

    def _close_sink(self) -> None:
        with self._world.striking(window=5):
            self._world.sink.close()
        threading.Event().wait(1)
        self._world.sink.open()

    def _kill_sender(self) -> None:
        self._at_next_mail(lambda pid: os.kill(pid, signal.SIGKILL))

    def _stop_sender(self) -> None:
        def stop(pid: int) -> None:
            os.kill(pid, signal.SIGSTOP)
            threading.Timer(PAST_LEASE, _let_go, (pid,)).start()

        self._at_next_mail(stop)

    def _at_next_mail(self, act: Callable[[int], None]) -> None:
        armed = threading.Lock()

        def after_acceptance(delivery: Delivery) -> None:
            if armed.acquire(blocking=False):
                self._world.strike(window=1)
                with suppress(LookupError, ProcessLookupError):
                    act(process_connected_from(delivery.port))

        self._world.sink.after_acceptance = after_acceptance


def _let_go(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGCONT)


def _soak(world: World) -> None:
    events = int(world.environment["CHAOS_SOAK"])
    world.deadline = int(world.environment["CHAOS_DEADLINE"])
    world.sink.open()
    sets = [world.start_workers(), world.start_workers()] if world.engine.workers else []
    striker = Striker(world, sets, world.start_relay())
    share = events // PUBLISHERS
    publishers = [
        world.publish(Order(start=number * share + 1, count=share, last=1)) for number in range(PUBLISHERS)
    ]
    world.strike()
    # Until nine of ten mails are there: the last tenth shows that it comes to rest.
    while len(world.sink.ledger) < events * 0.9 and not all(
        publisher.done() and publisher.exception() for publisher in publishers
    ):
        threading.Event().wait(striker.pause())
        world.strikes[striker.strike()] += 1


SOAK = Fault("soak", _soak)
