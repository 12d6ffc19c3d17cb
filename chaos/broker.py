"""Broker: where an engine's hints wait, and how they are lost."""

from __future__ import annotations

import json
import os
import socket
import sys
import uuid
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
    """Put messages into the queue that no worker can decode, and calls of what has moved away."""
    if engine.broker == "rabbitmq":
        _feed_rabbitmq(run)
    elif engine.broker == "redis":
        import redis

        key = f"django_q:{run}:q" if _is_django_q2(engine) else run
        with redis.Redis(port=PORTS["redis"], db=REDIS_DATABASE) as client:
            client.rpush(key, *(_for_django_q2() if _is_django_q2(engine) else _for_celery()))
    elif _is_django_q2(engine):
        from django.utils import timezone
        from django_q.models import OrmQ

        for payload in _for_django_q2():
            OrmQ.objects.create(key=run, payload=payload, lock=timezone.now())
    else:
        from django_tasks_db.models import DBTaskResult, get_date_max

        for path in ("chaos.moved_away.task", "rubbish", ""):
            arguments = {"args": ["\N{SNOWMAN}"], "kwargs": {}}
            DBTaskResult.objects.create(
                task_path=path, args_kwargs=arguments, backend_name="default", run_after=get_date_max()
            )


def _is_django_q2(engine: Engine) -> bool:
    return "django_q" in engine.apps


def _for_django_q2() -> list[str]:
    """Not signed; and of a class that has moved."""
    from django_q.signing import SignedPackage

    module = ModuleType("chaos.moved_away")
    moved = type("Moved", (), {"__module__": module.__name__})
    vars(module)["Moved"] = moved
    sys.modules[module.__name__] = module
    try:
        return ["rubbish", str(SignedPackage.dumps({"func": moved(), "name": "moved"}))]
    finally:
        del sys.modules[module.__name__]


def _for_celery() -> list[str]:
    """No envelope of kombu; or one whose body is no base64, is pickled, or calls an unknown task."""
    return [
        "rubbish",
        _envelope("\N{SNOWMAN}", "application/json"),
        _envelope("gASVBQAAAAAAAABLAS4=", "application/x-python-serialize"),
        _envelope("W1tdLCB7fSwge31d", "application/json"),
    ]


def _envelope(body: str, content_type: str) -> str:
    delivery = {"exchange": "", "routing_key": "celery"}
    properties = {
        "body_encoding": "base64",
        "delivery_info": delivery,
        "delivery_mode": 2,
        "delivery_tag": str(uuid.uuid4()),
        "priority": 0,
    }
    headers = {"task": "chaos.moved_away", "id": str(uuid.uuid4()), "lang": "py"}
    return json.dumps(
        {
            "body": body,
            "content-type": content_type,
            "content-encoding": "utf-8",
            "headers": headers,
            "properties": properties,
        }
    )


def _feed_rabbitmq(run: str) -> None:
    from amqp import Connection
    from amqp.basic_message import Message

    headers = {"task": "chaos.moved_away", "id": str(uuid.uuid4())}
    with Connection("127.0.0.1:5672") as connection:
        channel = connection.channel()
        channel.queue_declare(run, durable=True, auto_delete=False)
        for message in (
            Message("rubbish"),
            Message("\N{SNOWMAN}", content_type="application/json", content_encoding="utf-8"),
            Message("gASVBQAAAAAAAABLAS4=", content_type="application/x-python-serialize"),
            Message("[[], {}, {}]", application_headers=headers, content_type="application/json"),
        ):
            channel.basic_publish(message, routing_key=run)
