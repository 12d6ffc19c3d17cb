"""Broker: where an engine's hints wait, and how they are lost."""

from __future__ import annotations

from chaos.engines import REDIS_DATABASE, Engine

PORTS = {"redis": 6379, "rabbitmq": 5672}
"""Of brokers that are reached over a socket."""


def wipe(engine: Engine) -> None:
    """Lose every hint that waits."""
    if engine.broker == "redis":
        import redis

        with redis.Redis(port=PORTS["redis"], db=REDIS_DATABASE) as client:
            client.flushdb()
    elif engine.broker == "rows":
        from django_q.models import OrmQ

        OrmQ.objects.all().delete()
