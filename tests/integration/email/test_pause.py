"""A channel that can reach nobody is left alone for a while, and says so; nobody's attempts are used up."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone

from clarion.bus.relay import relay
from clarion.jobs import run
from clarion.models import ChannelPause, EmailNotification, Status
from clarion.testing import assert_notified, commit
from tests.integration.clock import let_pass
from tests.integration.email.sink import Sink
from tests.integration.email.waiting import up_to_the_mail
from tests.integration.meanwhile import meanwhile
from tests.integration.orders import ship

pytestmark = pytest.mark.django_db


def after(time: timedelta) -> None:
    let_pass(time)
    with commit():
        relay()


def states() -> set[tuple[str, int]]:
    return set(EmailNotification.objects.values_list("status", "attempts"))


def test_an_outage_pauses_the_channel_and_says_why(closed_sink: Sink, alice: User) -> None:
    ship(alice)

    pause = ChannelPause.objects.get()
    assert pause.channel == "email"
    assert pause.error.startswith("ChannelUnavailable: ConnectionRefusedError")
    assert timedelta(seconds=50) < pause.until - timezone.now() < timedelta(seconds=70)


@pytest.mark.parametrize("reply", ["530 log in first", "534 weak", "535 wrong password", "538 encrypt first"])
def test_a_server_that_does_not_let_us_in_pauses_the_channel(sink: Sink, alice: User, reply: str) -> None:
    sink.at_rcpt[alice.email] = reply

    ship(alice)

    assert ChannelPause.objects.get().error == f"ChannelUnavailable: {reply}"
    assert states() == {(Status.FAILED, 0)}


def test_a_paused_channel_leaves_the_server_alone(sink: Sink, alice: User, bob: User) -> None:
    sink.at_rcpt[alice.email] = "535 wrong password"
    ship(alice)
    conversations = sink.conversations

    ship(bob)

    assert sink.conversations == conversations
    assert states() == {(Status.FAILED, 0), (Status.PENDING, 0)}
    assert_notified(bob, "order.shipped", channel="app")


def test_what_waited_is_sent_once_the_pause_is_over(sink: Sink, alice: User, bob: User) -> None:
    sink.at_rcpt[alice.email] = "535 wrong password"
    ship(alice)
    ship(bob)
    sink.at_rcpt.clear()

    after(timedelta(minutes=2))

    assert sorted(sink.addresses) == [alice.email, bob.email]
    assert states() == {(Status.SENT, 1)}


def test_an_outage_that_goes_on_pauses_the_channel_again(closed_sink: Sink, alice: User) -> None:
    ship(alice)

    after(timedelta(minutes=2))

    assert ChannelPause.in_force("email").exists()
    assert ChannelPause.objects.count() == 1


def test_an_operator_may_end_the_pause(closed_sink: Sink, alice: User) -> None:
    ship(alice)
    closed_sink.open()
    ChannelPause.objects.update(until=timezone.now() - timedelta(seconds=1))
    EmailNotification.objects.update(due_at=timezone.now() - timedelta(minutes=1))

    with commit():
        relay()

    assert closed_sink.addresses == [alice.email]


def test_the_pause_is_on_the_database_s_clock(
    closed_sink: Sink, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = timezone.now()
    with monkeypatch.context() as patched:
        patched.setattr(timezone, "now", lambda: now + timedelta(hours=1))
        ship(alice)

    assert ChannelPause.objects.get().until - now < timedelta(minutes=2)


@pytest.mark.usefixtures("no_workers")
def test_a_mail_that_is_claimed_as_the_pause_begins_is_not_left_to_its_lease(alice: User) -> None:
    event = up_to_the_mail(ship(alice))

    def pause() -> None:
        ChannelPause.begin("email", timedelta(minutes=1), "away")

    with meanwhile(pause, before="SELECT", of=EmailNotification):
        run("send_emails", event.pk)

    is_claimed_by_then = connection.vendor != "mysql"  # there a claim begins by choosing
    assert states() == ({(Status.SENT, 1)} if is_claimed_by_then else {(Status.PENDING, 0)})
