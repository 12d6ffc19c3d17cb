"""The Celery engine: hints travel through RabbitMQ or Redis to the workers of `celery worker`."""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property
from typing import Any

from celery import current_app
from django.core.checks import CheckMessage
from kombu import pools

from clarion.bus.engines.base import Engine
from clarion.contrib.celery.beat import RELAY
from clarion.contrib.celery.checks import check_app
from clarion.contrib.celery.tasks import run_job
from clarion.exceptions import EngineUnavailable

PATIENCE = 2
"""Seconds that connecting, or an answer of the broker, may take. Whoever publishes waits for it."""

ONCE_MORE = {"max_retries": 1, "interval_start": 0, "interval_step": 0, "interval_max": 0}
"""One more try, at once: a connection kept since the last hint may have died meanwhile."""

LIMITS = {
    "amqp": {"confirm_publish": True, "read_timeout": PATIENCE, "write_timeout": PATIENCE},
    "redis": {"socket_connect_timeout": PATIENCE, "socket_timeout": PATIENCE},
}
"""Options under which a broker that is away, or does not answer, is noticed, by type of driver."""


class CeleryEngine(Engine):
    """Works with the project's own Celery app: its broker, its routes, its workers, its beat."""

    has_receipts = True
    has_delay = True

    def __init__(self) -> None:
        self.has_scheduler = any(
            entry.get("task") == run_job.name and RELAY in entry.get("args", ())
            for entry in current_app.conf.beat_schedule.values()
        )

    def enqueue(self, job: str, row_id: int) -> None:
        """Send a task that carries the job's name and a primary key.

        Raises:
            EngineUnavailable: the broker cannot be reached.
        """
        self._send(job, row_id)

    def enqueue_later(self, job: str, row_id: int, delay: timedelta) -> None:
        """Send a task that a worker keeps until the delay is over.

        Raises:
            EngineUnavailable: the broker cannot be reached.
        """
        self._send(job, row_id, countdown=delay.total_seconds())

    def backlog(self) -> int:
        """Return how many messages wait in the queue that the task is routed to.

        Raises:
            EngineUnavailable: the broker cannot be reached.
        """
        queue = current_app.amqp.router.route({}, run_job.name)["queue"]
        try:
            with pools.connections[self._connection].acquire(block=True, timeout=PATIENCE) as connection:
                connection.ensure_connection(**ONCE_MORE, timeout=PATIENCE)
                with connection.channel() as channel:
                    # Declared as it is for sending, because no message may have been sent there yet.
                    return int(queue(channel).queue_declare().message_count)
        except Exception as error:
            raise EngineUnavailable(f"{type(error).__name__} from the Celery broker") from error

    def check(self) -> list[CheckMessage]:
        """Refuse settings of the Celery app under which hints are lost, or workers hang."""
        return check_app(current_app, run_job)

    def _send(self, job: str, row_id: int, **options: float) -> None:
        try:
            with pools.producers[self._connection].acquire(block=True, timeout=PATIENCE) as producer:
                run_job.apply_async(
                    (str(job), row_id), producer=producer, retry=True, retry_policy=ONCE_MORE, **options
                )
        except Exception as error:  # each transport raises exceptions of its own
            raise EngineUnavailable(f"{type(error).__name__} from the Celery broker") from error

    @cached_property
    def _connection(self) -> Any:
        """The app's connection with limits to its patience; never opened, but what the pools copy."""
        conf = current_app.conf
        driver = current_app.connection_for_write().transport.driver_type
        return current_app.connection_for_write(
            connect_timeout=PATIENCE,
            transport_options={**ONCE_MORE, **LIMITS.get(driver, {}), **conf.broker_transport_options},
        )
