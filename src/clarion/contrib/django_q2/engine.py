"""The Django-Q2 engine: hints travel through its broker to the workers of `manage.py qcluster`."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.apps import apps
from django.core import checks
from django.db import connections, router
from django_q.brokers import Broker, get_broker
from django_q.conf import Conf
from django_q.models import Schedule
from django_q.tasks import async_task

from clarion.bus.engines.base import JOB, Engine
from clarion.bus.hints import Job
from clarion.conf import get_settings
from clarion.exceptions import EngineUnavailable


class DjangoQ2Engine(Engine):
    """Works with every broker of Django-Q2. A broker that loses messages costs time, not notifications."""

    def __init__(self) -> None:
        self.has_scheduler = bool(Conf.SCHEDULER)
        # All but Redis, from which a worker takes a task for good.
        self.has_receipts = any((Conf.BROKER_CLASS, Conf.IRON_MQ, Conf.SQS, Conf.ORM, Conf.MONGO))

    def enqueue(self, job: str, row_id: int) -> None:
        """Queue a task that carries the job's name and a primary key.

        Raises:
            EngineUnavailable: the broker cannot be reached.
        """
        try:
            async_task(JOB, str(job), row_id, task_name=f"{job} {row_id}", broker=self._broker)
        except Exception as error:  # each broker raises exceptions of its own
            raise EngineUnavailable(f"{type(error).__name__} from the Django-Q2 broker") from error

    def backlog(self) -> int:
        """Return how many tasks wait in the broker.

        Raises:
            EngineUnavailable: the broker cannot be reached.
        """
        try:
            return int(self._broker.queue_size())
        except Exception as error:
            raise EngineUnavailable(f"{type(error).__name__} from the Django-Q2 broker") from error

    def install_schedules(self) -> None:
        """Add the relay, every minute, and the clean-up, every hour; existing schedules stay as they are."""
        alias = router.db_for_write(Schedule)
        if Schedule._meta.db_table not in connections[alias].introspection.table_names():
            return  # Django-Q2 is migrated later; that installs them
        for name, job, kind, minutes in (
            ("clarion-relay", Job.RELAY, Schedule.MINUTES, 1),
            ("clarion-cleanup", Job.CLEANUP, Schedule.HOURLY, None),
        ):
            Schedule.objects.get_or_create(
                name=name,
                defaults={
                    "func": JOB,
                    "args": f"{job.value!r}, 0",
                    "schedule_type": kind,
                    "minutes": minutes,
                },
            )

    def check(self) -> list[checks.CheckMessage]:
        """Refuse settings under which Django-Q2 repeats, loses, never gives up or slows work."""
        problems: list[checks.CheckMessage] = []
        if not apps.is_installed("django_q"):
            problems.append(
                checks.Error(
                    "The Django-Q2 engine is chosen, but its app is not installed.",
                    hint="Add 'django_q' to INSTALLED_APPS.",
                    id="clarion.E106",
                )
            )
        timeout = Conf.TIMEOUT
        if Conf.SYNC:
            problems.append(
                checks.Error(
                    "Q_CLUSTER['sync'] runs tasks inside the caller's transaction.",
                    hint="Remove it; for work at once set CLARION['ENGINE'] to "
                    "'clarion.bus.engines.immediate.ImmediateEngine'.",
                    id="clarion.E101",
                )
            )
        if not timeout or timeout < 0:
            problems.append(
                checks.Error(
                    "Q_CLUSTER['timeout'] is not set: a task that hangs holds its worker for ever.",
                    hint="Set it to 240, or use clarion.contrib.django_q2.preset.q_cluster().",
                    id="clarion.E102",
                )
            )
        elif timeout >= Conf.RETRY:
            problems.append(
                checks.Error(
                    f"Q_CLUSTER['retry'] ({Conf.RETRY} s) is not longer than 'timeout' ({timeout} s): "
                    "tasks are given out again while they still run.",
                    hint=f"Set 'retry' to {timeout + 60} or more.",
                    id="clarion.E103",
                )
            )
        elif timeout >= (lease := get_settings().LEASE.total_seconds()):
            problems.append(
                checks.Warning(
                    f"Q_CLUSTER['timeout'] ({timeout} s) is not below CLARION['LEASE'] ({lease:.0f} s): "
                    "a handler with which its whole process hangs is taken over before it is stopped.",
                    hint=f"Set 'timeout' to {lease * 0.8:.0f} or less.",
                    id="clarion.W104",
                )
            )
        if not Conf.MAX_ATTEMPTS:
            problems.append(
                checks.Error(
                    "Q_CLUSTER['max_attempts'] is 0: a task that fails is tried for ever.",
                    hint="Set it to 5.",
                    id="clarion.E105",
                )
            )
        if Conf.SAVE_LIMIT >= 0:
            problems.append(
                checks.Warning(
                    "Q_CLUSTER['save_limit'] is not negative: each hint that was worked off leaves a row, "
                    "which takes several times as long as the hint.",
                    hint="Set it to -1. Failures are kept all the same.",
                    id="clarion.W107",
                )
            )
        return problems

    @cached_property
    def _broker(self) -> Broker:
        broker: Any = get_broker()
        _fail_at_once(broker.connection)
        return broker


def _fail_at_once(connection: Any) -> None:
    """Have a Redis client give up after one more try. By itself it tries for seconds, and publishers wait."""
    if hasattr(connection, "set_retry"):
        from redis import exceptions
        from redis.backoff import NoBackoff
        from redis.retry import Retry

        # Not after a timeout: who did not answer once is not asked again.
        connection.set_retry(Retry(NoBackoff(), retries=1, supported_errors=(exceptions.ConnectionError,)))
