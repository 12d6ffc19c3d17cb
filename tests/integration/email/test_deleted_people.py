"""A person who is deleted anywhere in the pipeline is passed over, leaves nothing, and holds up nobody."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection, connections

from clarion.bus.relay import relay
from clarion.delivery import plan
from clarion.jobs import run
from clarion.models import (
    AppNotification,
    EmailNotification,
    EventLog,
    HandlerRun,
    NotifiableEvent,
    RecipientBatch,
    Status,
    SuppressedAddress,
)
from clarion.models.work import FINISHED
from clarion.notifiers import notify
from clarion.rendering.renderer import content_for
from clarion.testing import commit
from tests.integration.clock import let_pass
from tests.integration.email.sink import Sink
from tests.integration.happenings import happen, happenings

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_workers")]

STEPS = ["dispatch_event", "run_handler", "process_notifications", "send_emails"]


def tell_everyone(event: EventLog) -> None:
    notify(event, people=User.objects.all())


def take(event: EventLog, *jobs: str) -> None:
    for job in jobs:
        run(job, event.runs.get().pk if job == "run_handler" else event.pk)


def remove(person: User) -> None:
    User.objects.get(pk=person.pk).delete()


def assert_only(person: User, sink: Sink) -> None:
    """Assert that this person alone was told, that nothing is left to do, and nothing of others is left."""
    for model in (NotifiableEvent, AppNotification, EmailNotification):
        assert model._default_manager.values_list("person", flat=True).get() == person.pk
    for work in (EventLog, HandlerRun, RecipientBatch, NotifiableEvent, EmailNotification):
        assert set(work._default_manager.values_list("status", flat=True)) <= set(FINISHED)
    assert sink.addresses == [person.email]


@pytest.mark.parametrize("done", range(len(STEPS)), ids=["at once", *STEPS[:-1]])
def test_between_two_steps(done: int, sink: Sink, alice: User, bob: User) -> None:
    with happenings(tell_everyone):
        event = happen()
        take(event, *STEPS[:done])
        remove(bob)
        take(event, *STEPS[done:])

    assert_only(alice, sink)


def test_after_the_mail_was_sent(sink: Sink, alice: User, bob: User) -> None:
    with happenings(tell_everyone):
        take(happen(), *STEPS)
    remove(bob)

    for model in (NotifiableEvent, AppNotification, EmailNotification):
        assert model._default_manager.values_list("person", flat=True).get() == alice.pk


def test_after_the_handler_looked_them_up(sink: Sink, alice: User, bob: User) -> None:
    def tell(event: EventLog) -> None:
        people = list(User.objects.order_by("pk"))
        User.objects.filter(pk=bob.pk).delete()
        notify(event, people=people)

    with happenings(tell):
        event = happen()
        take(event, "dispatch_event", "run_handler")
        take(event, *STEPS[2:])

    assert RecipientBatch.objects.get().note == "deleted meanwhile: 1"

    assert_only(alice, sink)


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer, which is the worker")
def test_while_their_notifications_are_written(
    sink: Sink, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    removals: list[User] = []

    def remove_meanwhile(*arguments: Any) -> Any:
        if not removals:
            removals.append(bob)
            elsewhere = threading.Thread(target=remove_and_close)
            elsewhere.start()
            elsewhere.join()
        return content_for(*arguments)

    def remove_and_close() -> None:
        remove(bob)
        connections.close_all()

    monkeypatch.setattr(plan, "content_for", remove_meanwhile)
    with happenings(tell_everyone):
        event = happen()
        take(event, *STEPS)

    assert_only(alice, sink)


@pytest.mark.parametrize("reply", ["", "550 nobody here", "451 later"])
def test_while_the_mail_server_has_their_mail(reply: str, sink: Sink, alice: User) -> None:
    def remove_meanwhile(*_: object) -> None:
        remove(alice)
        connections.close_all()

    sink.before_accepting = remove_meanwhile
    sink.at_data[alice.email] = reply
    with happenings(tell_everyone):
        event = happen()
        take(event, *STEPS)

    for model in (NotifiableEvent, AppNotification, EmailNotification, SuppressedAddress):
        assert not model._default_manager.exists()
    assert set(EventLog.objects.values_list("status", flat=True)) == {Status.DONE}


def test_a_worker_of_the_relay_finds_nothing_left_of_them(sink: Sink, alice: User) -> None:
    with happenings(tell_everyone):
        event = happen()
        take(event, *STEPS[:3])
        remove(alice)
        let_pass(timedelta(hours=1))
        with commit():
            assert relay() == 0

    assert sink.mails == []
