"""Workers of one release and the next run side by side: what only the other can do waits for it, visibly."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import mail
from pydantic import BaseModel
from pytest_django import Settings

from clarion.bus.relay import relay
from clarion.events import AppText, EmailText
from clarion.health import problems
from clarion.jobs import run
from clarion.models import (
    AppNotification,
    EmailNotification,
    EventLog,
    HandlerRun,
    RecipientBatch,
    Status,
    Work,
)
from clarion.notifiers import notify
from clarion.testing import commit
from tests.integration.clock import let_pass
from tests.integration.happenings import happen, happenings

pytestmark = pytest.mark.django_db


class Forecast(BaseModel):
    text: str
    degrees: int


class Outlook(BaseModel):
    outlook: str


NEW_TEXTS = (
    AppText(title="Outlook: {outlook}", message=""),
    EmailText(title="Outlook: {outlook}", template="{outlook}\n"),
)


def tell_everyone(event: EventLog) -> None:
    notify(event, people=User.objects.all())


def tell_them_all(event: EventLog) -> None:
    """What `tell_everyone` is called in the next release."""
    notify(event, people=User.objects.all())


@contextmanager
def old_worker() -> Iterator[None]:
    with happenings(tell_everyone):
        yield


@contextmanager
def new_worker() -> Iterator[None]:
    """Has renamed the payload's field, in two steps."""
    upcasters = {
        1: lambda payload: payload | {"degrees": 9},
        2: lambda payload: {"outlook": f"{payload['text']}, {payload['degrees']}°"},
    }
    with happenings(tell_everyone, payload=Outlook, version=3, upcasters=upcasters, texts=NEW_TEXTS):
        yield


Publish = Callable[..., EventLog]
Steps = Callable[..., None]


@pytest.fixture
def publish(settings: Settings) -> Publish:
    """Publish what no worker sees before `work` is called."""

    def publish(**payload: Any) -> EventLog:
        with idle(settings):
            return happen(**payload)

    return publish


@pytest.fixture
def steps(settings: Settings) -> Steps:
    """Take an event through some steps of the pipeline, and no further."""

    def steps(event: EventLog, *jobs: str) -> None:
        with idle(settings):
            for job in jobs:
                run(job, event.runs.get().pk if job == "run_handler" else event.pk)

    return steps


@contextmanager
def idle(settings: Settings) -> Iterator[None]:
    at_once = settings.CLARION
    settings.CLARION = {**at_once, "ENGINE": "clarion.bus.engines.dummy.DummyEngine"}
    yield
    settings.CLARION = at_once


def work() -> None:
    """Do what is due, with the code of the moment."""
    let_pass(timedelta(minutes=2))
    with commit():
        relay()


def state(row: Work) -> tuple[str, int]:
    row.refresh_from_db()
    return row.status, row.attempts


@pytest.fixture(autouse=True)
def little_patience(settings: Settings) -> None:
    """Work that fails three times is dead; work that waits is not."""
    settings.CLARION = {**settings.CLARION, "MAX_ATTEMPTS": 3}


def test_an_old_event_is_upcast_step_by_step_by_the_new_worker(publish: Publish, alice: User) -> None:
    with old_worker():
        publish(text="rain")
    with new_worker():
        work()

    assert AppNotification.objects.get().title == "Outlook: rain, 9°"


def test_a_new_event_waits_for_the_new_worker_however_often_the_old_one_meets_it(
    publish: Publish, alice: User
) -> None:
    with new_worker():
        event = publish(outlook="sun")
    with old_worker():
        for _ in range(5):
            work()
        handler_run = event.runs.get()
        assert state(handler_run) == (Status.FAILED, 0)
        assert handler_run.error.startswith("UnknownPayloadVersion: ")
        assert not RecipientBatch.objects.exists()
    with new_worker():
        work()

    assert state(event)[0] == Status.DONE
    assert state(handler_run) == (Status.DONE, 1)
    assert AppNotification.objects.get().title == "Outlook: sun"
    assert [message.subject for message in mail.outbox] == ["Outlook: sun"]


def test_both_releases_at_once_do_all_there_is_to_do(publish: Publish, alice: User) -> None:
    with old_worker():
        publish(text="rain")
    with new_worker():
        publish(outlook="sun")
    with old_worker():
        work()
    with new_worker():
        work()

    titles = set(AppNotification.objects.values_list("title", flat=True))
    assert titles == {"News: rain", "Outlook: sun"}
    assert set(HandlerRun.objects.values_list("status", flat=True)) == {Status.DONE}


def test_an_event_whose_type_only_the_new_worker_has_waits_for_it(publish: Publish, alice: User) -> None:
    with new_worker():
        event = publish(outlook="sun")
    for _ in range(5):
        work()

    assert state(event) == (Status.FAILED, 0)
    assert event.error.startswith("UnknownEventType: ")
    with new_worker():
        work()
    assert state(event)[0] == Status.DONE
    assert AppNotification.objects.count() == 1


def test_a_handler_that_the_new_worker_renamed_is_left_to_the_old_one(
    publish: Publish, steps: Steps, alice: User
) -> None:
    with old_worker():
        event = publish(text="rain")
        steps(event, "dispatch_event")
    with happenings(tell_them_all):
        for _ in range(5):
            work()
        handler_run = event.runs.get()
        assert state(handler_run) == (Status.FAILED, 0)
        assert handler_run.error == (
            f"HandlerMissing: {__name__}.tell_everyone is not subscribed to test.happened in this worker"
        )
    with old_worker():
        work()

    assert state(handler_run)[0] == Status.DONE
    assert AppNotification.objects.count() == len(mail.outbox) == 1


@pytest.mark.parametrize(
    ("model", "done"),
    [
        (HandlerRun, ["dispatch_event"]),
        (RecipientBatch, ["dispatch_event", "run_handler"]),
        (EmailNotification, ["dispatch_event", "run_handler", "process_notifications"]),
    ],
)
def test_a_type_that_is_gone_before_a_later_step_waits_there_too(
    model: type[Work], done: list[str], publish: Publish, steps: Steps, alice: User
) -> None:
    with old_worker():
        steps(publish(text="rain"), *done)
    for _ in range(5):
        work()
    row = model._default_manager.get()
    assert state(row) == (Status.FAILED, 0)
    assert row.error.startswith(("UnknownEventType: ", "HandlerMissing: "))
    assert mail.outbox == []

    with old_worker():
        work()

    assert AppNotification.objects.count() == len(mail.outbox) == 1
    assert EmailNotification.objects.get().status == Status.SENT


def test_what_nobody_has_code_for_is_dead_when_its_time_is_up_and_not_before(publish: Publish) -> None:
    with old_worker():
        event = publish(text="rain")
    let_pass(timedelta(hours=71))
    work()
    assert state(event)[0] == Status.FAILED

    let_pass(timedelta(hours=1))
    work()

    assert state(event)[0] == Status.DEAD
    assert event.error.startswith("UnknownEventType: ")


def test_what_waits_for_code_is_a_problem_that_the_health_check_names(publish: Publish) -> None:
    with old_worker():
        publish(text="rain")
    work()

    assert "1 events wait for code that no worker has had so far: see which in the admin." in problems()
