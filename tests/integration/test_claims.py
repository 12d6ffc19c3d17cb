"""Claims: who works on a row, until when, and who may write what became of it."""

import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, TypeVar

import pytest
import time_machine
from django.contrib.auth.models import User
from django.db import connection, connections, transaction
from django.utils import timezone

from clarion.bus import get_event_bus
from clarion.bus.claims import claim, fail, finish, hand_on, pause_after, put_back, retry_horizon
from clarion.exceptions import LeaseLost
from clarion.jobs import run
from clarion.models import AppNotification, EventLog, HandlerRun, NotifiableEvent, Status
from clarion.notifiers import notify
from tests.integration.clock import let_pass
from tests.integration.conftest import MakePerson
from tests.integration.happenings import happen, happenings
from tests.integration.orders import ship, shipping

T = TypeVar("T")

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_workers")]

LEASE = timedelta(minutes=5)
Ending = Callable[[NotifiableEvent], None]


def elsewhere(work: Callable[[], T]) -> T:
    """Do some work in another thread, with a database connection of its own, and wait for it."""

    def connected() -> T:
        try:
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(connected).result()


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


@pytest.fixture
def rows(make_person: MakePerson) -> list[NotifiableEvent]:
    """Twenty pieces of work."""
    person = make_person()
    return [NotifiableEvent.objects.create(event_type="order.shipped", person=person) for _ in range(20)]


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


def taken_over(row: NotifiableEvent) -> list[NotifiableEvent]:
    """Have the lease run out, and another worker claim the row."""
    let_pass(LEASE + timedelta(seconds=10))
    return claim(NotifiableEvent.objects.filter(pk=row.pk))


class TestALeaseThatRanOut:
    @pytest.mark.parametrize(
        "end",
        [
            lambda row: finish([row]),
            lambda row: fail(row, ValueError("too late")),
            lambda row: hand_on([row]),
        ],
        ids=["finish", "fail", "hand on"],
    )
    def test_is_taken_over_and_the_old_owner_can_write_nothing_more(
        self, rows: list[NotifiableEvent], end: Ending
    ) -> None:
        (old,) = claim(NotifiableEvent.objects.all())
        (new,) = taken_over(old)
        assert (new.pk, new.attempts) == (old.pk, 2)

        with pytest.raises(LeaseLost):
            end(old)

        stored = NotifiableEvent.objects.get(pk=old.pk)
        assert (stored.status, stored.lease_token) == (Status.RUNNING, new.lease_token)
        finish([new])
        assert NotifiableEvent.objects.get(pk=old.pk).status == Status.DONE

    def test_is_not_put_back_by_the_old_owner_either(self, rows: list[NotifiableEvent]) -> None:
        old = claim(NotifiableEvent.objects.all(), 2)
        NotifiableEvent.objects.filter(pk=old[0].pk).update(due_at=rows[0].created_at)
        (new,) = claim(NotifiableEvent.objects.filter(pk=old[0].pk))

        put_back(old, status=Status.PENDING)

        lost, held = NotifiableEvent.objects.filter(pk__in=[row.pk for row in old]).order_by("pk")
        assert (lost.status, lost.lease_token) == (Status.RUNNING, new.lease_token)
        assert (held.status, held.lease_token) == (Status.PENDING, None)

    def test_is_still_its_owner_s_if_nobody_took_it_over(self, rows: list[NotifiableEvent]) -> None:
        (row,) = claim(NotifiableEvent.objects.all())
        let_pass(LEASE + timedelta(seconds=10))

        finish([row])

        assert NotifiableEvent.objects.get(pk=row.pk).status == Status.DONE

    def test_is_lost_for_good_once_the_new_owner_is_done(self, rows: list[NotifiableEvent]) -> None:
        (old,) = claim(NotifiableEvent.objects.all())
        finish(taken_over(old))

        with pytest.raises(LeaseLost):
            fail(old, ValueError("too late"))

        stored = NotifiableEvent.objects.get(pk=old.pk)
        assert (stored.status, stored.error) == (Status.DONE, "")

    def test_takes_what_was_written_under_it_with_it(self, rows: list[NotifiableEvent]) -> None:
        (old,) = claim(NotifiableEvent.objects.all())
        taken_over(old)

        def write_late() -> None:
            with transaction.atomic():
                AppNotification.objects.create(event=old, title="Too late")
                finish([old])

        with pytest.raises(LeaseLost):
            write_late()

        assert not AppNotification.objects.exists()

    @pytest.mark.django_db(transaction=True)
    def test_takes_what_a_handler_wrote_with_it(
        self, alice: User, bob: User, caplog: pytest.LogCaptureFixture
    ) -> None:
        if connection.vendor == "sqlite":
            pytest.skip("SQLite has one writer at a time: nobody can take over while a handler runs")
        if not connection.features.has_select_for_no_key_update:
            pytest.skip(f"{connection.vendor}: whoever takes over waits until the handler has written")
        people = [alice, bob]

        def outlast_the_lease(event: EventLog) -> None:
            person = people.pop(0)
            User.objects.filter(pk=person.pk).update(last_name="was here")
            notify(event, people=[person])
            if people:
                run_id = event.runs.get().pk
                elsewhere(lambda: let_pass(LEASE + timedelta(seconds=10)))
                elsewhere(lambda: run("run_handler", run_id))

        with caplog.at_level(logging.WARNING, logger="clarion"), happenings(outlast_the_lease):
            event = happen()
            run("dispatch_event", event.pk)
            run("run_handler", event.runs.get().pk)
            run("process_notifications", event.pk)

        assert [row.person for row in NotifiableEvent.objects.all()] == [bob]
        alice.refresh_from_db()
        assert alice.last_name == ""
        handler_run = event.runs.get()
        assert (handler_run.status, handler_run.attempts) == (Status.DONE, 2)
        assert caplog.messages == ["lease lost; what this worker did was rolled back"]


class TestAWorkerThatDies:
    def test_leaves_a_counted_attempt_and_a_lease(self) -> None:
        def die(event: EventLog) -> None:
            raise SystemExit

        with happenings(die):
            event = happen()
            run("dispatch_event", event.pk)
            with pytest.raises(SystemExit):
                run("run_handler", event.runs.get().pk)

        handler_run = event.runs.get()
        assert (handler_run.status, handler_run.attempts) == (Status.RUNNING, 1)
        assert handler_run.due_at is not None

    def test_leaves_nothing_of_what_its_handler_wrote(self, alice: User) -> None:
        def write_and_die(event: EventLog) -> None:
            notify(event, people=[alice])
            raise SystemExit

        with happenings(write_and_die):
            event = happen()
            run("dispatch_event", event.pk)
            with pytest.raises(SystemExit):
                run("run_handler", event.runs.get().pk)

        assert not NotifiableEvent.objects.exists()


class TestAWrongClock:
    """A worker's clock decides nothing; the database's does."""

    @pytest.mark.parametrize("error", [timedelta(hours=1), timedelta(hours=-1)])
    def test_ends_no_lease_early(self, rows: list[NotifiableEvent], error: timedelta) -> None:
        claim(NotifiableEvent.objects.all(), 100)

        with time_machine.travel(timezone.now() + error):
            assert claim(NotifiableEvent.objects.all(), 100) == []

    def test_begins_no_work_early(self, alice: User) -> None:
        event = get_event_bus().publish(
            "order.shipped", shipping(alice), at=timezone.now() + timedelta(minutes=30)
        )

        with time_machine.travel(timezone.now() + timedelta(hours=1)):
            run("dispatch_event", event.pk)

        assert not HandlerRun.objects.exists()

    def test_delays_no_work_that_is_due(self, alice: User) -> None:
        with time_machine.travel(timezone.now() + timedelta(hours=1)):
            event = ship(alice)
        run("dispatch_event", event.pk)

        assert HandlerRun.objects.exists()


def test_the_longest_time_that_retries_may_take_is_known() -> None:
    assert retry_horizon(1) == timedelta(0)
    assert retry_horizon(3) == timedelta(seconds=(30 + 60) * 1.25)
    assert retry_horizon(100) < timedelta(days=5)


@pytest.mark.parametrize(
    ("attempts", "seconds"), [(1, 30), (2, 60), (3, 120), (7, 1920), (8, 3600), (9, 3600), (100, 3600)]
)
def test_pauses_double_up_to_an_hour_with_jitter(attempts: int, seconds: int) -> None:
    pauses = {pause_after(attempts).total_seconds() for _ in range(50)}

    assert len(pauses) > 1
    assert min(pauses) >= seconds * 0.75
    assert max(pauses) <= seconds * 1.25
