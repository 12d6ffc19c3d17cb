"""The broker of Django-Q2. These functions run in the console of a project."""

from __future__ import annotations

from django_q.brokers import get_broker
from django_q.scheduler import scheduler


def hints() -> int:
    """Return how many hints wait for a worker."""
    return int(get_broker().queue_size())


def lose_hints() -> None:
    """Take every hint out of the broker, as a broker does that is wiped."""
    get_broker().delete_queue()


def run_schedules() -> None:
    """Queue the scheduled jobs that are due, as a cluster does now and then."""
    scheduler(broker=get_broker())
