"""Retention: what is past its time goes, in batches, and never before its work has ended."""

from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import User
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


def happen_late() -> EventLog:
    """Let an event wait for its handlers until its time has come."""
    event = happen()
    let_pass(73 * HOURS)
    work()
    return event


def work() -> None:
    with commit():
        run("work", 0)


def test_what_has_died_can_be_seen_for_three_days_though_its_time_has_come(
    hints: list[tuple[str, int]],
) -> None:
    def refuse(event: EventLog) -> None:
        raise PermanentError("no such warehouse")

    with happenings(refuse):
        event = happen_late()

    let_pass(71 * HOURS)
    cleanup()
    assert event.runs.get().error == "PermanentError: no such warehouse"

    let_pass(2 * HOURS)
    cleanup()
    assert set(counts().values()) == {0}


def test_what_fails_when_its_time_has_come_is_tried_again(hints: list[tuple[str, int]]) -> None:
    is_closed = True

    def call(event: EventLog) -> None:
        if is_closed:
            raise TransientError("the warehouse is closed")

    with happenings(call):
        event = happen_late()
        cleanup()
        assert event.runs.get().status == Status.FAILED

        is_closed = False
        let_pass(HOURS)
        work()

    event.refresh_from_db()
    assert event.status == Status.DONE


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
