"""What a mail server's answers lead to: sent, later, never, or nobody just now."""

import threading
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from pytest_django import Settings

from clarion.bus.relay import relay
from clarion.models import EmailNotification, Status
from clarion.testing import commit
from tests.integration.clock import let_pass
from tests.integration.conftest import MakePerson
from tests.integration.email.sink import HANG_UP, Sink, use_server
from tests.integration.orders import ship

pytestmark = pytest.mark.django_db


def row_of(person: User) -> EmailNotification:
    return EmailNotification.objects.get(person=person)


def after(time: timedelta) -> None:
    """Let the time pass and the relay do its rounds."""
    let_pass(time)
    with commit():
        relay()


@pytest.mark.parametrize("reply", ["421 closing", "450 busy", "451 greylisted", "452 mailbox full"])
@pytest.mark.parametrize("stage", ["at_rcpt", "at_data"])
class TestATransientRefusal:
    def test_is_recorded_and_the_mail_waits(self, sink: Sink, alice: User, stage: str, reply: str) -> None:
        getattr(sink, stage)[alice.email] = reply

        ship(alice)

        row = row_of(alice)
        assert (row.status, row.attempts, row.sent_at) == (Status.FAILED, 1, None)
        assert row.error.startswith("TransientError: ")
        assert row.due_at is not None
        assert timedelta(seconds=20) < row.due_at - timezone.now() < timedelta(seconds=40)

    def test_is_followed_by_the_same_mail_later(
        self, sink: Sink, alice: User, stage: str, reply: str
    ) -> None:
        getattr(sink, stage)[alice.email] = reply
        ship(alice)
        fixed_before = row_of(alice).message_id
        getattr(sink, stage).clear()

        after(timedelta(minutes=1))

        row = row_of(alice)
        assert (row.status, row.attempts, row.error) == (Status.SENT, 2, "")
        assert sink.message_ids == [fixed_before] == [row.message_id]


def test_the_reason_for_waiting_is_what_the_server_said(sink: Sink, alice: User) -> None:
    sink.at_rcpt[alice.email] = "451 greylisted, come back"

    ship(alice)

    assert row_of(alice).error == "TransientError: 451 greylisted, come back"


@pytest.mark.parametrize(
    ("stage", "reply"),
    [
        ("at_rcpt", "552 too large"),
        ("at_rcpt", "554 no"),
        ("at_data", "550 no such mailbox"),
        ("at_data", "552 too large"),
        ("at_data", "554 no"),
    ],
)
def test_a_permanent_refusal_ends_the_mail_at_once(sink: Sink, alice: User, stage: str, reply: str) -> None:
    getattr(sink, stage)[alice.email] = reply

    ship(alice)
    getattr(sink, stage).clear()
    after(timedelta(hours=2))

    row = row_of(alice)
    assert (row.status, row.attempts, row.sent_at) == (Status.DEAD, 1, None)
    assert row.error == f"PermanentError: {reply}"
    assert row.finished_at is not None
    assert sink.mails == []


@pytest.mark.parametrize("reply", ["550 no such mailbox", "451 later", "421 closing", HANG_UP])
@pytest.mark.parametrize("stage", ["at_rcpt", "at_data"])
def test_one_mail_that_is_refused_does_not_hold_up_the_others(
    sink: Sink, make_person: MakePerson, stage: str, reply: str
) -> None:
    people = [make_person() for _ in range(4)]
    getattr(sink, stage)[people[1].email] = reply

    ship(*people)

    assert sink.addresses == [people[0].email, people[2].email, people[3].email]
    assert row_of(people[1]).status != Status.SENT
    assert {row_of(person).attempts for person in people} == {1}


def test_a_mail_is_given_up_visibly_after_its_last_attempt(
    sink: Sink, alice: User, settings: Settings
) -> None:
    settings.CLARION = {**settings.CLARION, "MAX_ATTEMPTS": 3}
    sink.at_data[alice.email] = "451 later"

    ship(alice)
    for _ in range(5):
        after(timedelta(hours=1))

    row = row_of(alice)
    assert (row.status, row.attempts, row.error) == (Status.DEAD, 3, "TransientError: 451 later")
    assert row.sent_at is None


def test_a_connection_that_breaks_in_mid_mail_is_a_transient_refusal(sink: Sink, alice: User) -> None:
    sink.at_data[alice.email] = HANG_UP
    ship(alice)
    row = row_of(alice)
    assert (row.status, row.attempts) == (Status.FAILED, 1)
    assert row.error.startswith("AnswerLost: SMTPServerDisconnected")

    sink.at_data.clear()
    after(timedelta(minutes=1))

    assert row_of(alice).status == Status.SENT
    assert sink.message_ids == [row.message_id]


def test_a_server_that_does_not_answer_in_time_is_a_transient_refusal(
    sink: Sink, alice: User, settings: Settings
) -> None:
    use_server(settings, sink.port, timeout=0.2)
    enough = threading.Event()
    sink.before_accepting = lambda mail: enough.wait(10)

    ship(alice)
    enough.set()

    row = row_of(alice)
    assert (row.status, row.attempts, row.sent_at) == (Status.FAILED, 1, None)
    assert row.error.startswith("AnswerLost: ")


class TestAServerThatLetsNobodyIn:
    """Nobody's mail is at fault, so nobody's attempts are used up."""

    def test_because_it_is_down(self, closed_sink: Sink, alice: User, bob: User) -> None:
        ship(alice, bob)

        for person in (alice, bob):
            row = row_of(person)
            assert (row.status, row.attempts, row.sent_at) == (Status.FAILED, 0, None)
            assert row.error.startswith("ChannelUnavailable: ConnectionRefusedError")
            assert row.due_at is not None
            assert timedelta(seconds=50) < row.due_at - timezone.now() < timedelta(seconds=70)

        closed_sink.open()
        after(timedelta(minutes=2))
        assert sorted(closed_sink.addresses) == [alice.email, bob.email]
        assert row_of(alice).attempts == 1

    def test_because_it_does_not_know_our_password(
        self, sink: Sink, alice: User, bob: User, settings: Settings
    ) -> None:
        use_server(settings, sink.port, username="shop", password="wrong")
        sink.knows_password = False

        ship(alice, bob)

        for person in (alice, bob):
            row = row_of(person)
            assert (row.status, row.attempts) == (Status.FAILED, 0)
            assert row.error.startswith("ChannelUnavailable: SMTPAuthenticationError: (535")
            assert "wrong" not in row.error
        assert sink.mails == []

        sink.knows_password = True
        after(timedelta(minutes=2))
        assert {row_of(person).status for person in (alice, bob)} == {Status.SENT}

    @pytest.mark.parametrize("reply", ["530 log in first", "535 go away", "538 not like this"])
    def test_because_it_wants_to_know_who_we_are(
        self, sink: Sink, alice: User, bob: User, reply: str
    ) -> None:
        sink.at_rcpt[alice.email] = reply

        ship(alice, bob)

        assert {(row.status, row.attempts) for row in EmailNotification.objects.all()} == {(Status.FAILED, 0)}
        assert row_of(bob).error == f"ChannelUnavailable: {reply}"

    def test_for_hours_buries_nothing(self, closed_sink: Sink, alice: User, settings: Settings) -> None:
        settings.CLARION = {**settings.CLARION, "MAX_ATTEMPTS": 2}
        ship(alice)

        for _ in range(5):
            after(timedelta(hours=1))

        assert (row_of(alice).status, row_of(alice).attempts) == (Status.FAILED, 0)


def test_a_mail_that_could_not_be_sent_within_its_retention_is_dead_and_says_so(
    closed_sink: Sink, alice: User
) -> None:
    ship(alice)
    closed_sink.open()

    after(timedelta(hours=73))

    row = row_of(alice)
    assert row.status == Status.DEAD
    assert row.error.startswith("not sent within its retention; last error: ChannelUnavailable")
    assert closed_sink.mails == []


def test_a_slow_server_never_makes_a_batch_outlast_its_lease(
    sink: Sink, make_person: MakePerson, settings: Settings
) -> None:
    settings.CLARION = {**settings.CLARION, "LEASE": timedelta(seconds=2)}
    slow = threading.Event()
    sink.before_accepting = lambda mail: slow.wait(0.5)

    ship(*(make_person() for _ in range(3)))

    assert len(sink.mails) == len(set(sink.message_ids)) == 3
    assert set(EmailNotification.objects.values_list("status", "attempts")) == {(Status.SENT, 1)}
