"""A mail of an event type that is told at most once is not sent twice; where nobody can know, it says so."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from email.message import EmailMessage

import pytest
from django.contrib.auth.models import User
from django.db import connections
from pytest_django import Settings

from clarion.bus.relay import relay
from clarion.delivery import attempt, message
from clarion.faults import Struck
from clarion.models import EmailNotification, EventLog, Status
from clarion.notifiers import notify
from clarion.testing import commit
from tests.integration.clock import let_pass
from tests.integration.email.sink import HANG_UP, Sink, use_server
from tests.integration.happenings import happen, happenings

pytestmark = pytest.mark.django_db


@contextmanager
def told_at_most_once(person: User) -> Iterator[None]:
    def tell(event: EventLog) -> None:
        notify(event, people=[person])

    with happenings(tell, at_most_once=True):
        yield


def the_mail() -> EmailNotification:
    return EmailNotification.objects.get()


def try_again() -> None:
    let_pass(timedelta(hours=2))
    with commit():
        relay()


def test_a_mail_that_the_server_takes_is_sent(sink: Sink, alice: User) -> None:
    with told_at_most_once(alice):
        happen()

    assert (the_mail().status, the_mail().error) == (Status.SENT, "")
    assert the_mail().sent_at
    assert len(sink.mails) == 1


def test_a_mail_whose_answer_is_lost_ends_unknown_and_is_not_sent_again(sink: Sink, alice: User) -> None:
    sink.at_data[alice.email] = HANG_UP

    with told_at_most_once(alice):
        happen()
        sink.at_data.clear()
        try_again()

    assert (the_mail().status, the_mail().attempts, the_mail().sent_at) == (Status.UNKNOWN, 1, None)
    assert the_mail().error.startswith("AnswerLost: SMTPServerDisconnected")
    assert the_mail().finished_at
    assert sink.mails == []


@pytest.mark.django_db(transaction=True)
def test_it_is_unknown_while_the_server_has_it_so_that_a_crash_leaves_it_so(sink: Sink, alice: User) -> None:
    seen = []

    def look(message: EmailMessage) -> None:
        seen.append(EmailNotification.objects.values_list("status", "due_at", "error").get())
        connections.close_all()

    sink.before_accepting = look
    with told_at_most_once(alice):
        happen()

    assert seen == [(Status.UNKNOWN, None, attempt.NO_ANSWER)]


def test_a_worker_that_fails_after_the_server_took_it_does_not_send_it_again(
    sink: Sink, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def strike(point: str) -> None:
        if point == "send.after_smtp":
            raise Struck(point)

    monkeypatch.setattr(attempt, "fault_point", strike)
    with told_at_most_once(alice):
        happen()
        try_again()

    assert the_mail().status == Status.UNKNOWN
    assert len(sink.mails) == 1


@pytest.mark.parametrize("stage", ["at_rcpt", "at_data"])
def test_a_mail_that_the_server_answered_for_is_sent_later(sink: Sink, alice: User, stage: str) -> None:
    getattr(sink, stage)[alice.email] = "451 later"

    with told_at_most_once(alice):
        happen()
        assert the_mail().status == Status.FAILED
        getattr(sink, stage).clear()
        try_again()

    assert (the_mail().status, the_mail().attempts) == (Status.SENT, 2)
    assert len(sink.mails) == 1


def test_a_mail_that_the_server_refuses_for_good_is_dead(sink: Sink, alice: User) -> None:
    sink.at_rcpt[alice.email] = "550 no such mailbox"

    with told_at_most_once(alice):
        happen()

    assert the_mail().status == Status.DEAD


def test_a_mail_that_never_reached_the_server_waits(closed_sink: Sink, alice: User) -> None:
    with told_at_most_once(alice):
        happen()
        assert (the_mail().status, the_mail().attempts) == (Status.FAILED, 0)
        closed_sink.open()
        try_again()

    assert the_mail().status == Status.SENT


def test_a_mail_that_a_server_which_wants_our_password_refused_waits(
    sink: Sink, alice: User, settings: Settings
) -> None:
    use_server(settings, sink.port)
    sink.at_rcpt[alice.email] = "530 log in first"

    with told_at_most_once(alice):
        happen()
        assert (the_mail().status, the_mail().attempts) == (Status.FAILED, 0)
        sink.at_rcpt.clear()
        try_again()

    assert the_mail().status == Status.SENT


def test_a_mail_that_could_not_be_built_yet_is_built_later(
    sink: Sink, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError("the template cannot be read")

    with told_at_most_once(alice):
        with monkeypatch.context() as patched:
            patched.setattr(message, "render_to_string", fail)
            happen()
        assert (the_mail().status, the_mail().attempts) == (Status.FAILED, 1)
        try_again()

    assert the_mail().status == Status.SENT


def test_other_mails_are_sent_again_with_the_same_message_id(sink: Sink, alice: User) -> None:
    def tell(event: EventLog) -> None:
        notify(event, people=[alice])

    sink.at_data[alice.email] = HANG_UP
    with happenings(tell):
        happen()
        fixed = the_mail().message_id
        sink.at_data.clear()
        try_again()

    assert the_mail().status == Status.SENT
    assert sink.message_ids == [fixed]
