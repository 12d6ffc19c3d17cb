"""Workers: real ones, of Django-Q2, and how long it takes until they have done something."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection
from django_q.tasks import async_task

from benchmarks.project.models import Mark
from clarion.testing import running_cluster

PATIENCE = 900
"""Seconds that anything may take."""


@contextmanager
def cluster(workers: int = 2, *, rested: bool = True) -> Iterator[None]:
    """Run a cluster.

    Args:
        workers: how many.
        rested: whether it has started, and has nothing to do, when the block begins.
    """
    with running_cluster({"Q_CLUSTER": {**settings.Q_CLUSTER, "workers": workers}}):
        if rested:
            round_trip()
        yield


def noop() -> None:
    """Do nothing, as a task."""


def leave_mark(number: int) -> None:
    """Write one row, as a task, so that somebody can see that it has run."""
    Mark.objects.create(number=number)


def round_trip() -> float:
    """Return the seconds from queueing a task that does next to nothing until it can be seen to have run."""
    number = time.monotonic_ns()
    began = time.perf_counter()
    async_task(leave_mark, number)
    marks = f"SELECT 1 FROM {Mark._meta.db_table} WHERE number = {number}"
    return wait_for(lambda: seen(marks)) - began


def wait_for(condition: Callable[[], bool], pause: float = 0.001) -> float:
    """Return the moment, by `perf_counter`, at which a condition holds.

    Raises:
        TimeoutError: it never did.
    """
    last = time.perf_counter() + PATIENCE
    while not condition():
        if time.perf_counter() > last:
            raise TimeoutError("what is measured did not come to its end")
        time.sleep(pause)
    return time.perf_counter()


def seen(query: str) -> bool:
    """Whether a query finds anything; as cheap as can be, because it is asked often."""
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone() is not None
