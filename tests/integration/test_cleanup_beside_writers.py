"""The clean-up meets those who write: it gives way, and comes again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError, connection, connections, transaction

from clarion.delivery.retention import cleanup
from clarion.models import AppNotification
from tests.integration.clock import let_pass
from tests.integration.orders import ship

pytestmark = pytest.mark.django_db(transaction=True)

WAITERS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


def wait_for_a_waiter() -> None:
    deadline = time.monotonic() + 20
    with connection.cursor() as cursor:
        while not cursor.execute(WAITERS).fetchone()[0]:
            assert time.monotonic() < deadline, "nobody came to wait for the lock"
            threading.Event().wait(0.02)


def lock(pk: int) -> None:
    AppNotification.objects.select_for_update().get(pk=pk)


@contextmanager
def in_a_deadlock_over(first: int, last: int) -> Iterator[None]:
    """Have somebody hold the last row, who asks for the first as soon as its holder waits for the last."""
    held = threading.Event()

    def write() -> None:
        try:
            with transaction.atomic():
                with connection.cursor() as cursor:
                    cursor.execute("SET LOCAL deadlock_timeout = '60s'")  # so that the other one gives way
                lock(last)
                held.set()
                wait_for_a_waiter()
                lock(first)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as writers:
        writing = writers.submit(write)
        assert held.wait(20)
        yield
        writing.result()


@pytest.mark.skipif(connection.vendor != "postgresql", reason="only PostgreSQL lets one say who gives way")
def test_a_deadlock_with_a_writer_does_not_end_it(alice: User, bob: User) -> None:
    ship(alice, bob)
    let_pass(timedelta(days=4))
    first, last = AppNotification.objects.order_by("pk").values_list("pk", flat=True)

    with in_a_deadlock_over(first, last):
        assert cleanup()["clarion.AppNotification"] == 2


def test_any_other_error_of_the_database_ends_it_at_once(alice: User) -> None:
    ship(alice)
    let_pass(timedelta(days=4))
    tries = []

    def refuse(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if sql.startswith("DELETE"):
            tries.append(sql)
            raise OperationalError("the disk is full")
        return execute(sql, *rest)

    with connection.execute_wrapper(refuse), pytest.raises(OperationalError, match="disk"):
        cleanup()

    assert len(tries) == 1
