"""Broker: where an engine's hints wait, and how they are lost."""

from __future__ import annotations

import os
import socket
import sys
from contextlib import suppress
from types import ModuleType

from django.apps import apps

from chaos.engines import REDIS_DATABASE, Engine

PORTS = {"redis": 6379, "rabbitmq": 5672}
"""Of brokers that are reached over a socket."""


def absence(engine: Engine) -> str:
    """Return why the engine's broker cannot be used here; "" if it can."""
    if engine.broker not in PORTS:
        return ""
    try:
        socket.create_connection(("127.0.0.1", PORTS[engine.broker]), timeout=2).close()
    except OSError as absent:
        return f"no {engine.broker}: {absent}"
    return ""


def wipe(engine: Engine) -> None:
    """Lose every hint that waits."""
    if engine.broker == "redis":
        import redis

        with redis.Redis(port=PORTS["redis"], db=REDIS_DATABASE) as client:
            client.flushdb()
    elif engine.broker == "rabbitmq":
        from amqp import Connection
        from amqp.exceptions import NotFound

        with Connection("127.0.0.1:5672") as connection, suppress(NotFound):
            connection.channel().queue_purge(os.environ["CHAOS_RUN"])
    elif engine.broker:
        apps.get_model(engine.broker)._default_manager.all().delete()


def feed_rubbish(engine: Engine, run: str) -> None:
    """Put messages into the queue that no worker can decode: not signed, and of a class that has moved."""
    from django.utils import timezone

    undecodable = ["rubbish", _of_a_class_that_has_moved()]
    if engine.broker == "redis":
        import redis

        with redis.Redis(port=PORTS["redis"], db=REDIS_DATABASE) as client:
            client.rpush(f"django_q:{run}:q", *undecodable)
    else:
        from django_q.models import OrmQ

        for payload in undecodable:
            OrmQ.objects.create(key=run, payload=payload, lock=timezone.now())


def _of_a_class_that_has_moved() -> str:
    from django_q.signing import SignedPackage

    module = ModuleType("chaos.moved_away")
    moved = type("Moved", (), {"__module__": module.__name__})
    vars(module)["Moved"] = moved
    sys.modules[module.__name__] = module
    try:
        return str(SignedPackage.dumps({"func": moved(), "name": "moved"}))
    finally:
        del sys.modules[module.__name__]
