"""Retention: what is past its time goes, in batches, and never before its work has ended."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from clarion.bus.relay import relay
from clarion.delivery.retention import cleanup, count_expired
from clarion.exceptions import PermanentError, TransientError
from clarion.jobs import run
from clarion.models import (
    AppNotification,
    AppNotificationTemplate,
    EmailNotification,
    EventLog,
    HandlerRun,
    NotifiableEvent,
    NotificationPreference,
    Status,
    Work,
)
from clarion.models.transient import Transient
from clarion.notifiers import notify
from clarion.testing import commit
from tests.integration.clock import let_pass
from tests.integration.conftest import MakePerson
from tests.integration.happenings import happen, happenings
from tests.integration.orders import ship

pytestmark = pytest.mark.django_db

MODELS: tuple[type[Transient], ...] = (
    EventLog,
    HandlerRun,
    NotifiableEvent,
    AppNotification,
    EmailNotification,
)
HOURS = timedelta(hours=1)
DAYS = timedelta(days=1)


def counts() -> dict[str, int]:
    return {model.__name__: model._default_manager.count() for model in MODELS}


def lifetime(delete_at: datetime) -> timedelta:
    """Return how far away a time is, to the minute."""
    return timedelta(minutes=round((delete_at - timezone.now()).total_seconds() / 60))


@pytest.mark.parametrize(
    ("declared", "project", "events", "inbox"),
    [
        ({}, {}, 72 * HOURS, 72 * HOURS),
        ({}, {"RETENTION": 10 * DAYS}, 10 * DAYS, 10 * DAYS),
        ({}, {"INBOX_RETENTION": 30 * DAYS}, 72 * HOURS, 30 * DAYS),
        ({"retention": 5 * HOURS}, {"RETENTION": 10 * DAYS}, 5 * HOURS, 5 * HOURS),
        ({"inbox_retention": 90 * DAYS}, {"INBOX_RETENTION": 30 * DAYS}, 72 * HOURS, 90 * DAYS),
        ({"retention": 5 * DAYS, "inbox_retention": 2 * HOURS}, {}, 5 * DAYS, 2 * HOURS),
    ],
)
def test_each_row_lives_as_long_as_its_type_or_else_the_project_says(
    declared: dict[str, timedelta],
    project: dict[str, timedelta],
    events: timedelta,
    inbox: timedelta,
    alice: User,
    settings: Settings,
) -> None:
    settings.CLARION = {**settings.CLARION, **project}

    def tell(event: EventLog) -> None:
        notify(event, people=[alice])

    with happenings(tell, **declared):
        event = happen()

    parents = (event, event.runs.get(), NotifiableEvent.objects.get())
    assert {lifetime(row.delete_at) for row in parents} == {max(events, inbox)}
    assert lifetime(EmailNotification.objects.get().delete_at) == events
    assert lifetime(AppNotification.objects.get().delete_at) == inbox


def test_nothing_goes_before_its_time(alice: User) -> None:
    ship(alice)
    before = counts()
    let_pass(71 * HOURS)

    assert set(cleanup().values()) == {0}
    assert counts() == before


def test_everything_goes_when_its_time_has_come(alice: User, bob: User) -> None:
    ship(alice, bob)
    let_pass(73 * HOURS)

    assert cleanup() == {
        "clarion.AppNotification": 2,
        "clarion.EmailNotification": 2,
        "clarion.NotifiableEvent": 2,
        "clarion.RecipientBatch": 1,
        "clarion.HandlerRun": 1,
        "clarion.EventLog": 1,
    }
    assert set(counts().values()) == {0}


def test_an_inbox_that_lives_longer_keeps_what_it_hangs_from_and_no_more(
    alice: User, settings: Settings
) -> None:
    settings.CLARION = {**settings.CLARION, "INBOX_RETENTION": 30 * DAYS}
    ship(alice)

    let_pass(4 * DAYS)
    cleanup()
    assert counts() == {
        "EventLog": 1,
        "HandlerRun": 1,
        "NotifiableEvent": 1,
        "AppNotification": 1,
        "EmailNotification": 0,
    }

    let_pass(27 * DAYS)
    cleanup()
    assert set(counts().values()) == {0}


def test_an_inbox_that_lives_shorter_goes_first(alice: User) -> None:
    def tell(event: EventLog) -> None:
        notify(event, people=[alice])

    with happenings(tell, inbox_retention=2 * HOURS):
        happen()
    let_pass(3 * HOURS)
    cleanup()

    assert not AppNotification.objects.exists()
    assert NotifiableEvent.objects.exists()
    assert EmailNotification.objects.exists()


@pytest.mark.parametrize("model", [EventLog, HandlerRun, NotifiableEvent, EmailNotification])
@pytest.mark.parametrize("status", [Status.PENDING, Status.RUNNING, Status.FAILED])
def test_what_has_not_ended_is_kept_with_all_it_hangs_from(
    model: type[Work], status: Status, alice: User
) -> None:
    ship(alice)
    model._default_manager.update(status=status)
    let_pass(365 * DAYS)

    cleanup()

    assert model._default_manager.get().status == status
    assert EventLog.objects.exists()
    if model is EmailNotification:
        assert NotifiableEvent.objects.exists()


@pytest.mark.parametrize("model", [EventLog, HandlerRun, NotifiableEvent, EmailNotification])
@pytest.mark.parametrize("status", [Status.DONE, Status.DEAD, Status.CANCELLED, Status.SENT])
def test_what_has_ended_goes_however_it_ended(model: type[Work], status: Status, alice: User) -> None:
    ship(alice)
    model._default_manager.update(status=status)
    let_pass(73 * HOURS)

    cleanup()

    assert set(counts().values()) == {0}


def test_a_run_that_has_ended_stays_while_its_event_goes_on() -> None:
    is_away = True

    def fail_for_good(event: EventLog) -> None:
        raise PermanentError("no such warehouse")

    def fail_for_now(event: EventLog) -> None:
        if is_away:
            raise TransientError("the warehouse is closed")

    with happenings(fail_for_good, fail_for_now):
        event = happen()
        let_pass(365 * DAYS)
        cleanup()
        assert event.runs.count() == 2

        is_away = False
        with commit():
            relay()

    # With the dead run gone, all would seem to be well.
    event.refresh_from_db()
    assert event.status == Status.DEAD


def test_what_is_leased_is_kept(alice: User) -> None:
    def clean_up_meanwhile(event: EventLog) -> None:
        let_pass(365 * DAYS)
        cleanup()
        assert HandlerRun.objects.filter(pk=event.runs.get().pk).exists()
        EventLog.objects.update(delete_at=timezone.now() + DAYS)

    with happenings(clean_up_meanwhile):
        event = happen()

    assert event.status == Status.DONE


@pytest.mark.parametrize("kept", [NotifiableEvent, AppNotification, EmailNotification, HandlerRun])
def test_a_parent_waits_for_its_last_child(kept: type[Transient], alice: User) -> None:
    ship(alice)
    let_pass(73 * HOURS)
    kept._default_manager.update(delete_at=timezone.now() + DAYS)

    cleanup()

    assert kept._default_manager.exists()
    assert EventLog.objects.exists()
    let_pass(2 * DAYS)
    cleanup()
    assert set(counts().values()) == {0}


def test_no_statement_deletes_more_than_a_batch(
    make_person: MakePerson, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clarion.delivery.retention.BATCH", 2)
    ship(*(make_person() for _ in range(5)))
    let_pass(73 * HOURS)
    deleted = []

    def watch(execute: Callable[..., Any], sql: str, *others: Any) -> Any:
        result = execute(sql, *others)
        if sql.startswith("DELETE"):
            deleted.append(others[-1]["cursor"].rowcount)
        return result

    with connection.execute_wrapper(watch):
        assert cleanup()["clarion.AppNotification"] == 5

    assert deleted == [2, 2, 1] * 3 + [1, 1, 1]  # items, mails, what links them to people; then their event
    assert set(counts().values()) == {0}


def test_past_its_deadline_each_model_gives_one_batch_more(
    make_person: MakePerson, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clarion.delivery.retention.BATCH", 2)
    ship(*(make_person() for _ in range(5)))
    let_pass(73 * HOURS)

    deleted = cleanup(deadline=time.monotonic())

    assert deleted["clarion.AppNotification"] == deleted["clarion.EmailNotification"] == 2
    assert AppNotification.objects.count() == 3


def test_what_must_stay_keeps_nothing_behind_it_from_going(
    make_person: MakePerson, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clarion.delivery.retention.BATCH", 2)
    ship(*(make_person() for _ in range(6)))
    let_pass(73 * HOURS)
    mails = EmailNotification.objects.order_by("pk")
    unsent = [mail.pk for mail in mails[:4]]
    mails.filter(pk__in=unsent).update(status=Status.PENDING)

    assert cleanup()["clarion.EmailNotification"] == 2
    assert [mail.pk for mail in mails] == unsent


def test_the_job_continues_in_a_job_of_its_own_while_there_is_more(
    hints: list[tuple[str, int]], alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clarion.delivery.retention.BATCH", 1)
    monkeypatch.setattr("clarion.jobs.JOB_TIME", timedelta(0))
    EventLog.objects.bulk_create(
        EventLog(event_type="order.shipped", payload={}, status=Status.DONE, delete_at=timezone.now() - DAYS)
        for _ in range(2)
    )

    rounds, more = 0, True
    while more:
        hints.clear()
        with commit():
            run("cleanup", 0)
        rounds, more = rounds + 1, hints == [("cleanup", 0)]

    assert rounds == 3
    assert not EventLog.objects.exists()


def test_counting_deletes_nothing(alice: User) -> None:
    ship(alice)
    before = counts()
    let_pass(73 * HOURS)

    assert count_expired()["clarion.AppNotification"] == 1
    assert counts() == before


def test_templates_and_preferences_are_for_ever(alice: User) -> None:
    NotificationPreference.objects.create(person=alice)
    templates = AppNotificationTemplate.objects.count()
    ship(alice)
    let_pass(1000 * DAYS)

    cleanup()

    assert NotificationPreference.objects.exists()
    assert AppNotificationTemplate.objects.count() == templates
