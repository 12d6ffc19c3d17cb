"""On Django's Tasks, whose workers know no time limit, what hangs is interrupted all the same."""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.mail import EmailMessage
from django.db import connection, connections, transaction
from django.template.loader import render_to_string
from pytest_django import Settings

from clarion.jobs import run
from clarion.models import EmailNotification, EventLog, Status
from clarion.notifiers import notify
from clarion.testing import assert_notified
from tests.integration.clock import let_pass
from tests.integration.engines import ImpatientEngine
from tests.integration.happenings import happen, happenings
from tests.integration.orders import ship

pytestmark = pytest.mark.django_db(transaction=True)

ATTEMPTS = 3
FOR_EVER = 60
INTERRUPTED = "TimeLimitExceeded: interrupted after 1 s"


@pytest.fixture(autouse=True)
def impatient_engine(settings: Settings) -> None:
    path = f"{ImpatientEngine.__module__}.{ImpatientEngine.__qualname__}"
    settings.CLARION = {**settings.CLARION, "ENGINE": path, "MAX_ATTEMPTS": ATTEMPTS}


@pytest.fixture(autouse=True)
def no_alarm_afterwards() -> Iterator[None]:
    usual = signal.getsignal(signal.SIGALRM)
    yield
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)
    assert signal.getsignal(signal.SIGALRM) is usual


class Mishap(Exception):
    """What makes a handler fail."""


def hang(event: EventLog) -> None:
    time.sleep(FOR_EVER)


def take_long(event: EventLog) -> None:
    time.sleep(1.5 * ImpatientEngine.time_limit.total_seconds())


def outcome_of(event: EventLog) -> tuple[str, str]:
    handler_run = event.runs.get()
    return handler_run.status, handler_run.error


def test_it_is_tried_so_often_and_then_dead_with_its_reason_and_everything_else_flows(alice: User) -> None:
    def tell(event: EventLog) -> None:
        notify(event, people=[alice])

    with happenings(hang, tell):
        event = happen()
        for _ in range(ATTEMPTS):
            run("work", 0)
            assert_notified(alice, "test.happened")
            let_pass(timedelta(minutes=5))

    hung, told = event.runs.order_by("pk")
    assert (hung.status, hung.error, hung.attempts) == (Status.DEAD, INTERRUPTED, ATTEMPTS)
    assert (told.status, told.attempts) == (Status.DONE, 1)
    event.refresh_from_db()
    assert event.error == f"gave up: {__name__}.hang"


def test_a_mail_that_hangs_as_it_is_made_is_dead_with_its_reason_and_the_others_are_sent(
    alice: User, bob: User, mailoutbox: list[EmailMessage], monkeypatch: pytest.MonkeyPatch
) -> None:
    def render_or_hang(template: str, context: dict[str, Any]) -> str:
        if "Kite 1" in str(context):
            time.sleep(FOR_EVER)
        return render_to_string(template, context)

    monkeypatch.setattr("clarion.delivery.message.render_to_string", render_or_hang)
    ship(alice, item="Kite 1")
    ship(bob, item="Kite 2")
    for _ in range(ATTEMPTS):
        run("work", 0)
        let_pass(timedelta(minutes=5))

    hung = EmailNotification.objects.get(person=alice)
    assert (hung.status, hung.error, hung.attempts) == (Status.DEAD, INTERRUPTED, ATTEMPTS)
    assert [mail.to for mail in mailoutbox] == [[bob.email]]


def test_what_it_wrote_is_rolled_back() -> None:
    def write_and_hang(event: EventLog) -> None:
        User.objects.create(username="half done")
        time.sleep(FOR_EVER)

    with happenings(write_and_hang):
        happen()
        run("work", 0)

    assert not User.objects.exists()


def test_one_that_swallows_the_interruption_has_failed_nonetheless() -> None:
    def shrug(event: EventLog) -> None:
        with suppress(Exception):
            time.sleep(FOR_EVER)

    with happenings(shrug):
        event = happen()
        run("work", 0)

    assert outcome_of(event) == (Status.FAILED, INTERRUPTED)


def test_one_that_then_hangs_once_more_is_interrupted_once_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clarion.contrib.django_tasks.time_limit.AGAIN", timedelta(seconds=0.1))

    def hang_on(event: EventLog) -> None:
        for _ in range(3):
            with suppress(Exception):
                time.sleep(FOR_EVER)

    with happenings(hang_on):
        event = happen()
        run("work", 0)

    assert outcome_of(event) == (Status.FAILED, INTERRUPTED)


def test_one_that_is_interrupted_where_a_transaction_ends_leaves_none_open(alice: User) -> None:
    def hang_at_the_end_of_a_transaction(event: EventLog) -> None:
        if event.runs.get().attempts == 1:
            with transaction.atomic():
                connection.savepoint_ids.append("not taken off by Django yet")
                time.sleep(FOR_EVER)
        notify(event, people=[alice])

    with happenings(hang_at_the_end_of_a_transaction):
        event = happen()
        run("work", 0)
        assert outcome_of(event) == (Status.FAILED, INTERRUPTED)
        assert not connection.in_atomic_block

        let_pass(timedelta(minutes=5))
        run("work", 0)
        assert_notified(alice, "test.happened")


def test_one_that_raises_in_time_fails_with_what_it_raised() -> None:
    def fail(event: EventLog) -> None:
        raise Mishap("no luck today")

    with happenings(fail):
        event = happen()
        run("work", 0)

    assert outcome_of(event) == (Status.FAILED, "Mishap: no luck today")


def test_a_timer_that_somebody_else_has_set_is_left_to_them() -> None:
    with happenings(take_long):
        event = happen()
        signal.setitimer(signal.ITIMER_REAL, FOR_EVER)
        try:
            run("work", 0)
            assert signal.getitimer(signal.ITIMER_REAL)[0] > 0
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)

    assert outcome_of(event) == (Status.DONE, "")


def test_in_another_thread_there_is_no_limit() -> None:
    def work() -> None:
        run("work", 0)
        connections.close_all()

    with happenings(take_long):
        event = happen()
        worker = threading.Thread(target=work)
        worker.start()
        worker.join()

    assert outcome_of(event) == (Status.DONE, "")
