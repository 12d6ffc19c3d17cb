"""A worker takes many handlers' runs in one go, and each of them succeeds or fails alone."""

import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection, connections
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from clarion.database.clock import Now
from clarion.jobs import run
from clarion.models import AppNotification, EventLog, HandlerRun, RecipientBatch, Status
from clarion.notifiers import notify
from tests.integration.conftest import MakePerson
from tests.integration.happenings import happen, happenings

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_workers")]

only_where_writers_do_not_wait = pytest.mark.skipif(
    connection.vendor == "sqlite", reason="SQLite has one writer, which is the handler"
)


def do_nothing(event: EventLog) -> None:
    """Want the event, and no more."""


def test_many_are_claimed_by_few_statements(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clarion.bus.heartbeat.PATIENCE", timedelta(hours=1))  # however slow the machine
    with happenings(do_nothing):
        for _ in range(30):
            happen()
        with CaptureQueriesContext(connection) as queries:
            run("work", 0)

    assert set(EventLog.objects.values_list("status", flat=True)) == {Status.DONE}
    table, attempts = map(connection.ops.quote_name, (HandlerRun._meta.db_table, "attempts"))
    updates = [query["sql"] for query in queries if query["sql"].startswith(f"UPDATE {table}")]
    # One that finds them all, and two that find no more.
    assert 1 <= sum(attempts in update for update in updates) <= 3


def test_a_handler_that_fails_takes_back_what_it_wrote_and_nothing_else(alice: User) -> None:
    def tell_but_of_hail(event: EventLog) -> None:
        notify(event, people=[alice])
        if event.payload["text"] == "hail":
            raise ValueError("it hails")

    with happenings(tell_but_of_hail):
        for text in ("rain", "hail", "snow"):
            happen(text=text)
        run("work", 0)

    assert sorted(AppNotification.objects.values_list("message", flat=True)) == ["It is rain.", "It is snow."]
    failed = HandlerRun.objects.get(status=Status.FAILED)
    assert (failed.event.payload, failed.error) == ({"text": "hail"}, "ValueError: it hails")
    assert EventLog.objects.filter(status=Status.DONE).count() == 2


def test_an_event_of_two_handlers_ends_with_the_second() -> None:
    illnesses = [ValueError("not now")]

    def ill_at_first(event: EventLog) -> None:
        if illnesses:
            raise illnesses.pop()

    def status_after_work() -> str:
        HandlerRun.objects.filter(status=Status.FAILED).update(due_at=Now())
        run("work", 0)
        return EventLog.objects.get().status

    with happenings(do_nothing, ill_at_first):
        happen()
        assert [status_after_work(), status_after_work()] == [Status.RUNNING, Status.DONE]


def test_what_was_begun_before_is_tried_alone() -> None:
    at_once = []

    def look(event: EventLog) -> None:
        at_once.append(HandlerRun.objects.filter(status=Status.RUNNING).count())

    with happenings(look):
        for _ in range(3):
            run("dispatch_event", happen().pk)
        HandlerRun.objects.update(attempts=F("attempts") + 1)
        run("work", 0)

    assert at_once == [1, 1, 1]


@pytest.mark.django_db(transaction=True)
@only_where_writers_do_not_wait
class TestAHandlerThatTakesLong:
    """Until another worker has done all that was claimed with it."""

    PATIENCE = 20

    def wait_until(self, condition: Callable[[], bool]) -> None:
        end = time.monotonic() + self.PATIENCE
        while not condition():
            assert time.monotonic() < end, "nobody else did it"
            time.sleep(0.02)

    def test_keeps_nobody_waiting(self) -> None:
        done: list[str] = []

        def come_by() -> None:
            run("work", 0)
            connections.close_all()

        def others_are_done() -> bool:
            other = threading.Thread(target=come_by)
            other.start()
            other.join()
            return len(done) == 4

        def handle(event: EventLog) -> None:
            if event.payload["text"] == "first":
                self.wait_until(others_are_done)
            done.append(event.payload["text"])

        with happenings(handle):
            for text in ("first", "second", "third", "fourth", "fifth"):
                happen(text=text)
            run("work", 0)

        assert sorted(done) == ["fifth", "first", "fourth", "second", "third"]
        assert set(HandlerRun.objects.values_list("status", "attempts")) == {(Status.DONE, 1)}


@pytest.mark.django_db(transaction=True)
class TestAHint:
    def test_is_not_given_for_what_the_worker_goes_on_to_do_itself(
        self, hints: list[tuple[str, int]], alice: User
    ) -> None:
        def tell(event: EventLog) -> None:
            notify(event, people=[alice])

        with happenings(tell):
            happen()
            hints.clear()
            run("work", 0)

        assert hints == []
        assert AppNotification.objects.count() == 1

    def test_is_given_for_each_batch_more(
        self, hints: list[tuple[str, int]], make_person: MakePerson, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sys.modules["clarion.notifiers.notify"], "CHUNK", 1)
        people = [make_person() for _ in range(3)]

        def tell(event: EventLog) -> None:
            notify(event, people=people)

        with happenings(tell):
            happen()
            hints.clear()
            run("work", 0)

        assert RecipientBatch.objects.count() == 3
        assert hints == [("work", 0)] * 2

    def test_is_given_by_a_worker_that_was_asked_for_one_handler_only(
        self, hints: list[tuple[str, int]], alice: User
    ) -> None:
        def tell(event: EventLog) -> None:
            notify(event, people=[alice])

        with happenings(tell):
            event = happen()
            run("dispatch_event", event.pk)
            hints.clear()
            run("run_handler", event.runs.get().pk)

        assert hints == [("work", 0)]
