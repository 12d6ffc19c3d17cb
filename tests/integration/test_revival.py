"""What an operator may do with dead work: try it again, or let it be."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import mail
from pytest_django import Settings

from clarion.bus import get_event_bus
from clarion.bus.relay import relay
from clarion.bus.revival import discard, retry
from clarion.exceptions import PermanentError
from clarion.models import (
    AppNotification,
    EmailNotification,
    EventLog,
    HandlerRun,
    NotifiableEvent,
    Status,
)
from clarion.notifiers import notify
from clarion.testing import commit
from tests.integration.clock import let_pass
from tests.integration.happenings import happen, happenings
from tests.integration.meanwhile import meanwhile
from tests.integration.orders import ship

pytestmark = pytest.mark.django_db

broken = True


def succeed(event: EventLog) -> None:
    notify(event, people=User.objects.all())


def fail_for_good(event: EventLog) -> None:
    raise PermanentError("no such warehouse")


def fail_while_broken(event: EventLog) -> None:
    if broken:
        raise PermanentError("no such warehouse")
    notify(event, people=User.objects.all())


@pytest.fixture(autouse=True)
def _broken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "broken", True)


def work() -> None:
    let_pass(timedelta(seconds=10))
    with commit():
        relay()


def state(row: Any) -> tuple[str, int]:
    row.refresh_from_db()
    return row.status, row.attempts


class TestADeadRun:
    def test_that_is_retried_has_all_its_attempts_and_brings_its_event_back(
        self, alice: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with happenings(succeed, fail_while_broken):
            event = happen()
            dead = event.runs.get(status=Status.DEAD)
            monkeypatch.setitem(globals(), "broken", False)

            assert retry(HandlerRun.objects.filter(pk=dead.pk)) == 1
            assert state(dead) == (Status.PENDING, 0)
            event.refresh_from_db()
            assert (event.status, event.error, event.finished_at) == (Status.RUNNING, "", None)
            work()

        assert state(dead) == (Status.DONE, 1)
        assert state(event)[0] == Status.DONE
        # Both handlers name her.
        assert AppNotification.objects.filter(person=alice).count() == 2

    def test_that_fails_again_is_dead_again(self) -> None:
        with happenings(fail_for_good):
            event = happen()
            retry(event.runs.all())
            work()

        assert state(event.runs.get()) == (Status.DEAD, 1)
        assert state(event)[0] == Status.DEAD

    def test_that_is_discarded_no_longer_keeps_its_event_dead(self) -> None:
        with happenings(succeed, fail_for_good):
            event = happen()
            assert discard(event.runs.all()) == 1

        assert set(event.runs.values_list("status", flat=True)) == {Status.DONE, Status.CANCELLED}
        assert state(event)[0] == Status.DONE

    def test_that_is_discarded_leaves_its_event_dead_if_another_is(self) -> None:
        def fail_too(event: EventLog) -> None:
            raise PermanentError

        with happenings(fail_for_good, fail_too):
            event = happen()
            first, second = event.runs.order_by("pk")
            discard(HandlerRun.objects.filter(pk=first.pk))

        assert state(event)[0] == Status.DEAD
        assert state(second)[0] == Status.DEAD

    def test_whose_event_was_withdrawn_stays_as_it_is(self) -> None:
        with happenings(fail_for_good):
            event = happen()
            with commit():
                get_event_bus().retract(event)
            work()
            assert retry(event.runs.all()) == 0
            work()

        assert state(event.runs.get())[0] == Status.DEAD
        assert state(event)[0] == Status.CANCELLED

    def test_that_is_discarded_keeps_its_reason(self) -> None:
        with happenings(fail_for_good):
            event = happen()
            discard(event.runs.all())

        assert event.runs.get().error == "PermanentError: no such warehouse"


class TestADeadEvent:
    def test_that_is_retried_runs_again_only_what_was_dead(
        self, alice: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with happenings(succeed, fail_while_broken):
            event = happen()
            monkeypatch.setitem(globals(), "broken", False)
            assert retry(EventLog.objects.all()) == 1
            work()

        assert state(event)[0] == Status.DONE
        assert list(event.runs.values_list("status", "attempts")) == [(Status.DONE, 1)] * 2

    def test_that_was_never_dispatched_is_dispatched(
        self, alice: User, no_workers: None, settings: Settings
    ) -> None:
        event = ship(alice)
        EventLog.objects.update(status=Status.DEAD, attempts=8, error="every attempt ended with its worker")
        settings.CLARION = {"ENGINE": "clarion.bus.engines.immediate.ImmediateEngine"}

        assert retry(EventLog.objects.all()) == 1
        work()

        assert state(event) == (Status.DONE, 1)
        assert AppNotification.objects.get().person == alice

    def test_that_died_while_it_was_taken_back_is_taken_back(self, alice: User) -> None:
        event = ship(alice)
        EventLog.objects.update(withdrawal="retracted", status=Status.DEAD, attempts=8)

        assert retry(EventLog.objects.all()) == 1
        work()

        assert state(event)[0] == Status.CANCELLED
        assert not AppNotification.objects.exists()

    def test_that_is_discarded_is_cancelled_with_its_dead_runs(self) -> None:
        with happenings(succeed, fail_for_good):
            event = happen()
            assert discard(EventLog.objects.all()) == 1

        assert state(event)[0] == Status.CANCELLED
        assert set(event.runs.values_list("status", flat=True)) == {Status.DONE, Status.CANCELLED}


@pytest.mark.parametrize("model", [NotifiableEvent, EmailNotification])
class TestADeadRow:
    def test_that_is_retried_is_worked_on_again(self, model: Any, alice: User) -> None:
        ship(alice)
        model.objects.update(status=Status.DEAD, attempts=8)

        assert retry(model.objects.all()) == 1
        assert state(model.objects.get()) == (Status.PENDING, 0)
        work()

        row = model.objects.get()
        assert row.status in (Status.DONE, Status.SENT)
        assert row.attempts == 1
        assert AppNotification.objects.count() == EmailNotification.objects.count() == 1

    def test_that_is_discarded_is_never_worked_on_again(self, model: Any, alice: User) -> None:
        ship(alice)
        model.objects.update(status=Status.DEAD)
        mail.outbox.clear()

        assert discard(model.objects.all()) == 1
        let_pass(timedelta(hours=1))
        work()

        assert model.objects.get().status == Status.CANCELLED
        assert mail.outbox == []


@pytest.mark.parametrize("action", [retry, discard])
@pytest.mark.parametrize("model", [EventLog, HandlerRun, NotifiableEvent, EmailNotification])
def test_what_is_not_dead_is_left_alone(model: Any, action: Any, alice: User) -> None:
    ship(alice)
    for status in Status:
        if status != Status.DEAD:
            model.objects.update(status=status)
            assert action(model.objects.all()) == 0
            assert model.objects.get().status == status


def test_what_is_retried_twice_comes_back_once() -> None:
    with happenings(fail_for_good):
        event = happen()
        both = [HandlerRun.objects.all(), HandlerRun.objects.all()]

        assert [retry(rows) for rows in both] == [1, 0]
        assert retry(EventLog.objects.all()) == 0

    assert state(event)[0] == Status.RUNNING


@pytest.mark.parametrize("action", [retry, discard])
@pytest.mark.parametrize("model", [EventLog, HandlerRun, NotifiableEvent, EmailNotification])
def test_what_somebody_else_revived_meanwhile_is_left_to_its_worker(
    model: Any, action: Any, alice: User, no_workers: None, settings: Settings
) -> None:
    if model is EventLog:  # one that comes back by itself and not through its runs
        ship(alice)
    else:
        settings.CLARION = {"ENGINE": "clarion.bus.engines.immediate.ImmediateEngine"}
        ship(alice)
    model.objects.update(status=Status.DEAD, attempts=8)

    def revive_and_take() -> None:
        model.objects.update(status=Status.RUNNING, attempts=1)

    with meanwhile(revive_and_take, before="UPDATE", of=model):
        assert action(model.objects.all()) == 0

    assert state(model.objects.get()) == (Status.RUNNING, 1)


def test_an_event_that_somebody_else_revived_meanwhile_keeps_its_dead_runs() -> None:
    def fail_too(event: EventLog) -> None:
        raise PermanentError

    with happenings(fail_for_good, fail_too):
        event = happen()
        one = event.runs.order_by("pk")[:1]
        with meanwhile(
            lambda: retry(HandlerRun.objects.filter(pk__in=[run.pk for run in one])),
            before="UPDATE",
            of=EventLog,
        ):
            assert discard(EventLog.objects.all()) == 0

    assert state(event)[0] == Status.RUNNING
    assert set(event.runs.values_list("status", flat=True)) == {Status.PENDING, Status.DEAD}


def test_what_is_retried_past_its_retention_is_dead_again_and_says_why(alice: User) -> None:
    with happenings(fail_while_broken):
        happen()
        let_pass(timedelta(days=4))
        retry(HandlerRun.objects.all())
        work()

    assert HandlerRun.objects.get().status == Status.DEAD
    assert HandlerRun.objects.get().error == "PermanentError: no such warehouse"
