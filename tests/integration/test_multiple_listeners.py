"""Several handlers of one event: each has a run of its own, and succeeds, fails and retries alone."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection, connections

from clarion.bus.relay import relay
from clarion.exceptions import PermanentError
from clarion.jobs import run
from clarion.models import EventLog, HandlerRun, NotifiableEvent, Status
from clarion.notifiers import notify
from clarion.testing import assert_notified, commit, subscribed
from tests.integration.clock import let_pass
from tests.integration.happenings import happen, happenings
from tests.integration.orders import take_back

pytestmark = pytest.mark.django_db


class Mishap(Exception):
    """What makes a handler fail."""


def note(event: EventLog) -> None:
    """A handler that has nothing to say."""


def give_up(event: EventLog) -> None:
    raise PermanentError("the catalogue is closed for good")


def test_each_handler_tells_people_of_its_own(alice: User, bob: User) -> None:
    event = take_back(buyers=[alice], keepers=[bob])

    assert event.status == Status.DONE
    told = {
        (row.run.handler.rpartition(".")[2], row.person, row.reason)
        for row in NotifiableEvent.objects.all()
        if row.run
    }
    assert told == {
        ("refund_buyers", alice, "because you bought it"),
        ("tell_stock_keepers", bob, "because you keep the stock"),
    }


def test_a_person_named_by_two_handlers_hears_from_each_once(alice: User) -> None:
    take_back(buyers=[alice, alice], keepers=[alice])

    assert NotifiableEvent.objects.filter(person=alice).count() == 2


def test_one_handler_that_fails_does_not_touch_the_other(alice: User) -> None:
    def fail(event: EventLog) -> None:
        raise Mishap("no luck today")

    def tell(event: EventLog) -> None:
        notify(event, people=[alice])

    with happenings(fail, tell):
        event = happen()
        assert_notified(alice, "test.happened")

    failed, told = event.runs.order_by("pk")
    assert (failed.status, failed.error) == (Status.FAILED, "Mishap: no luck today")
    assert (told.status, told.error) == (Status.DONE, "")
    assert event.status == Status.RUNNING


def test_only_the_one_that_failed_is_tried_again() -> None:
    calls = []

    def fail_once(event: EventLog) -> None:
        calls.append("fail_once")
        if calls.count("fail_once") == 1:
            raise Mishap

    def succeed(event: EventLog) -> None:
        calls.append("succeed")

    with happenings(fail_once, succeed):
        event = happen()
        let_pass(timedelta(minutes=1))
        with commit():
            relay()

    assert calls == ["fail_once", "succeed", "fail_once"]
    event.refresh_from_db()
    assert event.status == Status.DONE


def test_an_event_is_dead_when_one_of_its_handlers_gave_up_and_says_which() -> None:
    with happenings(give_up, note):
        event = happen()

    assert event.status == Status.DEAD
    assert event.error == f"gave up: {__name__}.give_up"
    assert event.finished_at is not None
    assert {handler_run.status for handler_run in event.runs.all()} == {Status.DEAD, Status.DONE}


@pytest.mark.usefixtures("no_workers")
def test_a_handler_that_was_removed_since_is_waited_for() -> None:
    with happenings(note) as event_type:
        event = happen()
        run("dispatch_event", event.pk)
    with happenings():
        run("run_handler", event.runs.get().pk)
        handler_run = event.runs.get()
        assert (handler_run.status, handler_run.error) == (
            Status.FAILED,
            f"HandlerMissing: {__name__}.note is not subscribed to test.happened in this worker",
        )

    let_pass(timedelta(minutes=1))
    with happenings(note):
        run("run_handler", handler_run.pk)

    assert event.runs.get().status == Status.DONE
    assert event_type.name == "test.happened"


@pytest.mark.usefixtures("no_workers")
def test_a_handler_that_came_after_the_dispatch_is_not_run_for_old_events() -> None:
    with happenings(note):
        event = happen()
        run("dispatch_event", event.pk)
        with subscribed(give_up, to="test.happened"):
            run("dispatch_event", event.pk)

    assert [handler_run.handler for handler_run in event.runs.all()] == [f"{__name__}.note"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("no_workers")
def test_handlers_run_in_parallel_where_there_are_several_workers() -> None:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one writer at a time, and each handler is in a transaction of its own")
    both = threading.Barrier(2, timeout=10)

    def meet(event: EventLog) -> None:
        both.wait()

    def meet_too(event: EventLog) -> None:
        both.wait()

    def work(run_id: int) -> None:
        try:
            run("run_handler", run_id)
        finally:
            connections.close_all()

    with happenings(meet, meet_too):
        event = happen()
        run("dispatch_event", event.pk)
        with ThreadPoolExecutor(2) as workers:
            list(workers.map(work, event.runs.values_list("pk", flat=True)))

    event.refresh_from_db()
    assert event.status == Status.DONE
    assert HandlerRun.objects.filter(status=Status.DONE).count() == 2
