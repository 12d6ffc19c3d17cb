"""The Celery engine: hints travel through RabbitMQ or Redis to the workers of `celery worker`."""

from __future__ import annotations

from celery import current_app
from kombu.exceptions import OperationalError

from clarion.bus.engines.base import Engine
from clarion.contrib.celery.tasks import run_job
from clarion.exceptions import EngineUnavailable


class CeleryEngine(Engine):
    """Works with the project's own Celery app. Its scheduler is the project's too: run the relay beside."""

    def enqueue(self, job: str, row_id: int) -> None:
        """Send a task that carries the job's name and a primary key.

        Raises:
            EngineUnavailable: the broker cannot be reached.
        """
        try:
            # One try: whoever publishes should not wait for a broker that is away; the relay offers again.
            run_job.apply_async((str(job), row_id), retry=False)
        except OperationalError as error:
            raise EngineUnavailable("the Celery broker cannot be reached") from error

    def backlog(self) -> int:
        """Return how many messages wait in the queue that the task is routed to.

        Raises:
            EngineUnavailable: the broker cannot be reached.
        """
        try:
            with current_app.connection_for_read() as connection:
                connection.ensure_connection(max_retries=1)
                queue = current_app.amqp.router.route({}, run_job.name)["queue"]
                try:
                    declared = queue(connection.default_channel).queue_declare(passive=True)
                except (
                    connection.channel_errors
                ):  # nothing was ever sent there, or Redis dropped the empty list
                    return 0
                return int(declared.message_count)
        except OperationalError as error:
            raise EngineUnavailable("the Celery broker cannot be reached") from error
