"""The broker: wiped, stopped, cut off, slow, or fed rubbish."""

from __future__ import annotations

import signal
import threading
from functools import partial

from chaos import broker
from chaos.engines import Engine
from chaos.faults.base import ORDER, Fault
from chaos.publisher import Order
from chaos.world import World

LONG = Order(start=1, count=40, pause=0.05)


def _has_broker(engine: Engine, database: str) -> bool:
    return bool(engine.broker)


def _is_reached_over_a_socket(engine: Engine, database: str) -> bool:
    return engine.broker in broker.PORTS


def _wait(seconds: float) -> None:
    threading.Event().wait(seconds)


def _wipe(world: World) -> None:
    world.begin()
    world.publish(LONG)
    for _ in range(10):
        _wait(0.3)
        world.strike()
        broker.wipe(world.engine)


def _lose_everything_queued(world: World) -> None:
    """Publish with no worker there, lose every hint, and only then start the workers."""
    world.publish(ORDER).result()
    world.strike()
    broker.wipe(world.engine)
    world.begin()


def _cut(world: World) -> None:
    assert world.proxy
    world.begin()
    world.publish(LONG)
    _wait(1)
    world.strike()
    world.proxy.cut()
    _wait(3)
    world.proxy.mend()


def _stop(how: int, world: World) -> None:
    server = world.start_broker()
    world.begin()
    world.publish(LONG)
    _wait(1)
    world.strike()
    server.stop(how)
    _wait(2)
    server.start()


def _be_absent(world: World) -> None:
    """The broker is away from before the first event until all are published."""
    assert world.proxy
    world.proxy.cut()
    world.strike()
    world.publish(ORDER).result()
    world.proxy.mend()
    world.begin()


def _be_slow(world: World) -> None:
    assert world.proxy
    world.proxy.latency = 0.1
    world.begin()
    world.strike()
    world.publish(ORDER)


def _feed_rubbish(world: World) -> None:
    world.begin()
    world.strike()
    broker.feed_rubbish(world.engine, world.environment["CHAOS_RUN"])
    world.publish(ORDER)
    broker.feed_rubbish(world.engine, world.environment["CHAOS_RUN"])


FAULTS = [
    Fault("broker wiped again and again", _wipe, _has_broker),
    Fault("broker wiped before any worker ran", _lose_everything_queued, _has_broker, quick=True),
    Fault("broker cut off for 3 s", _cut, _is_reached_over_a_socket),
    Fault("broker stopped", partial(_stop, signal.SIGTERM), _is_reached_over_a_socket),
    Fault("broker killed", partial(_stop, signal.SIGKILL), _is_reached_over_a_socket),
    Fault("broker away while publishing", _be_absent, _is_reached_over_a_socket),
    Fault("broker slow by 100 ms", _be_slow, _is_reached_over_a_socket),
    Fault("message that cannot be decoded", _feed_rubbish, _has_broker),
]
