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
from clarion.models import AppNotification, HandlerRun, NotifiableEvent, RecipientBatch
from tests.integration.clock import let_pass
from tests.integration.orders import ship

pytestmark = pytest.mark.django_db(transaction=True)

WAITERS = {
    "postgresql": (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    ),
    "mysql": (
        "SELECT count(*) FROM information_schema.innodb_trx JOIN information_schema.processlist"
        " ON id = trx_mysql_thread_id WHERE db = database() AND trx_state = 'LOCK WAIT'"
    ),
}


def waiters() -> int:
    with connection.cursor() as cursor:
        cursor.execute(WAITERS[connection.vendor])
        return int(cursor.fetchone()[0])


def wait_for_a_waiter() -> None:
    deadline = time.monotonic() + 20
    while not waiters():
        assert time.monotonic() < deadline, "nobody came to wait for the lock"
        threading.Event().wait(0.2)  # InnoDB says anew who waits ten times a second, unless asked more often


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


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer at a time")
def test_a_parent_whose_child_came_while_the_clean_up_waited_for_it_stays(alice: User) -> None:
    ship(alice)
    run = ship(alice).runs.get()
    batch = run.batches.get()
    let_pass(timedelta(days=4))
    NotifiableEvent.objects.all().delete()
    RecipientBatch.objects.all().delete()
    begun = threading.Event()

    def insert() -> None:
        try:
            with transaction.atomic():
                HandlerRun.objects.select_for_update().get(pk=run.pk)  # as its worker does, to end it
                begun.set()
                wait_for_a_waiter()
                batch.save(force_insert=True)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as writers:
        inserting = writers.submit(insert)
        assert begun.wait(20)
        cleanup()
        inserting.result()

    assert HandlerRun.objects.get().batches.get() == batch


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
