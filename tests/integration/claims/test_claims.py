"""Claims: who works on a row, and until when."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from clarion.bus.claims import claim, finish, put_back
from clarion.models import NotifiableEvent, Status
from tests.integration.claims.conftest import LEASE
from tests.integration.clock import let_pass
from tests.integration.elsewhere import elsewhere

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_workers")]


@contextmanager
def between_an_update_and_the_next_look(happen: Callable[[], None]) -> Iterator[None]:
    """Have something happen once rows were updated, before whoever did it looks at them."""
    updates: list[str] = []

    def execute(run: Callable[..., Any], statement: str, *rest: Any) -> Any:
        if statement.startswith("SELECT") and len(updates) == 1:
            updates.append(statement)
            happen()
        elif statement.startswith("UPDATE"):
            updates.append(statement)
        return run(statement, *rest)

    with connection.execute_wrapper(execute):
        yield


def test_a_claim_takes_the_oldest_and_no_more_than_it_may(rows: list[NotifiableEvent]) -> None:
    assert claim(NotifiableEvent.objects.all(), 3) == rows[:3]
    assert claim(NotifiableEvent.objects.all(), 3) == rows[3:6]


def test_a_claim_counts_the_attempt_and_leases_the_row(rows: list[NotifiableEvent]) -> None:
    (claimed,) = claim(NotifiableEvent.objects.all())

    stored = NotifiableEvent.objects.get(pk=claimed.pk)
    for row in (claimed, stored):
        assert (row.status, row.attempts) == (Status.RUNNING, 1)
        assert row.due_at is not None
        assert row.due_at - timezone.now() == pytest.approx(LEASE, abs=timedelta(seconds=30))


@pytest.mark.parametrize("ends", [True, False], ids=["and finished", "and still works on it"])
def test_a_worker_that_hears_of_its_claim_too_late_holds_nothing(
    rows: list[NotifiableEvent], ends: bool
) -> None:
    one = NotifiableEvent.objects.filter(pk=rows[0].pk)

    def take_over() -> None:
        one.update(due_at=timezone.now() - timedelta(minutes=1))
        (claimed,) = claim(one)
        if ends:
            finish([claimed])

    with between_an_update_and_the_next_look(take_over):
        assert claim(one) == []


def test_a_row_that_is_put_back_without_a_pause_is_due_at_once(rows: list[NotifiableEvent]) -> None:
    one = NotifiableEvent.objects.filter(pk=rows[0].pk)

    for _ in range(50):
        (claimed,) = claim(one)
        put_back([claimed], status=Status.PENDING, attempts=0)


def test_a_row_that_is_leased_is_claimed_by_nobody_else(rows: list[NotifiableEvent]) -> None:
    everything = NotifiableEvent.objects.all()
    assert len(claim(everything, 100)) == 20

    let_pass(LEASE - timedelta(seconds=10))

    assert claim(everything, 100) == []


@pytest.mark.parametrize("status", [Status.DONE, Status.DEAD, Status.CANCELLED, Status.SENT])
def test_a_row_that_has_ended_is_claimed_by_nobody(rows: list[NotifiableEvent], status: Status) -> None:
    NotifiableEvent.objects.update(status=status)

    assert claim(NotifiableEvent.objects.all()) == []


@pytest.mark.django_db(transaction=True)
def test_two_workers_claim_different_rows(rows: list[NotifiableEvent]) -> None:
    both = threading.Barrier(2)

    def claim_ten(_: int) -> set[int]:
        try:
            both.wait()
            return {row.pk for row in claim(NotifiableEvent.objects.all(), 10)}
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as workers:
        first, second = workers.map(claim_ten, range(2))

    assert first.isdisjoint(second)
    # One that looks while InnoDB has locked all that the other reads is given less.
    left = {row.pk for row in claim(NotifiableEvent.objects.all(), 10)}
    assert first | second | left == {row.pk for row in rows}
    assert set(NotifiableEvent.objects.values_list("attempts", flat=True)) == {1}


@pytest.mark.django_db(transaction=True)
def test_one_row_is_claimed_by_one_of_many_workers(rows: list[NotifiableEvent]) -> None:
    one = NotifiableEvent.objects.filter(pk=rows[0].pk)
    start = threading.Barrier(8)

    def claim_it(_: int) -> int:
        try:
            start.wait()
            return len(claim(one))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as workers:
        assert sum(workers.map(claim_it, range(8))) == 1

    assert one.get().attempts == 1


@pytest.mark.django_db(transaction=True)
def test_an_attempt_is_committed_before_the_work_begins(rows: list[NotifiableEvent]) -> None:
    (claimed,) = claim(NotifiableEvent.objects.all())

    assert elsewhere(lambda: NotifiableEvent.objects.get(pk=claimed.pk).attempts) == 1


@pytest.mark.django_db(transaction=True)
def test_a_claim_within_a_transaction_is_refused_because_it_could_be_rolled_back(
    rows: list[NotifiableEvent],
) -> None:
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        claim(NotifiableEvent.objects.all())
