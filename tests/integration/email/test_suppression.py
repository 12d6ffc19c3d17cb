"""An address that mail servers refuse for good is not written to again, until an operator says so."""

import pytest
from django.contrib.auth.models import User
from pytest_django import DjangoAssertNumQueries

from clarion.bus import get_event_bus
from clarion.channels.email import EmailChannel
from clarion.jobs import run
from clarion.models import EmailNotification, NotifiableEvent, Status, SuppressedAddress
from clarion.models.person import read_by
from clarion.testing import assert_not_notified, assert_notified, commit
from tests.integration.conftest import MakePerson
from tests.integration.email.sink import Sink
from tests.integration.email.waiting import up_to_the_mail
from tests.integration.orders import ship, shipping

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("reply", ["550 no such mailbox", "550 5.1.1 unknown", "551 not here", "553 no name"])
def test_a_refused_address_is_suppressed_with_what_the_server_said(
    sink: Sink, alice: User, reply: str
) -> None:
    sink.at_rcpt[alice.email] = reply

    ship(alice)

    row = EmailNotification.objects.get()
    assert (row.status, row.attempts) == (Status.DEAD, 1)
    assert row.error == f"AddressRefused: {reply}"
    suppressed = SuppressedAddress.objects.get()
    assert (suppressed.address, suppressed.error) == (alice.email, f"AddressRefused: {reply}")


@pytest.mark.parametrize(
    ("stage", "reply"),
    [
        ("at_rcpt", "552 mailbox full"),
        ("at_rcpt", "554 no"),
        ("at_rcpt", "450 busy"),
        ("at_rcpt", "550 5.7.1 relaying denied"),
        ("at_rcpt", "550 5.7.26 unauthenticated sender"),
        ("at_data", "550 looks like spam"),
        ("at_data", "553 no"),
    ],
)
def test_a_refusal_of_the_mail_or_of_us_says_nothing_against_the_address(
    sink: Sink, alice: User, stage: str, reply: str
) -> None:
    getattr(sink, stage)[alice.email] = reply

    ship(alice)

    assert EmailNotification.objects.get().status in (Status.DEAD, Status.FAILED)
    assert not SuppressedAddress.objects.exists()


def test_the_next_mail_to_it_is_skipped_with_its_reason(sink: Sink, alice: User, bob: User) -> None:
    sink.at_rcpt[alice.email] = "550 no such mailbox"
    ship(alice)
    sink.at_rcpt.clear()

    ship(alice, bob)

    assert sink.addresses == [bob.email]
    assert EmailNotification.objects.filter(person=alice).count() == 1
    told = NotifiableEvent.objects.filter(person=alice).latest("pk")
    assert told.outcomes == {"app": "created:no_record", "email": "skipped:suppressed"}


@pytest.mark.usefixtures("no_workers")
def test_a_mail_that_waits_already_is_cancelled_with_its_reason(sink: Sink, alice: User) -> None:
    event = up_to_the_mail(ship(alice))
    SuppressedAddress.objects.create(address=alice.email)

    run("send_emails", event.pk)

    row = EmailNotification.objects.get()
    assert (row.status, row.note) == (Status.CANCELLED, "suppressed")
    assert sink.mails == []


def test_letters_of_either_case_are_one_address(sink: Sink, make_person: MakePerson) -> None:
    SuppressedAddress.objects.create(address="Alice@People.Example")
    person = make_person(email="aLICE@people.EXAMPLE")

    ship(person)

    assert_not_notified(person, "order.shipped", channel="email", because="suppressed")
    assert sink.mails == []


def test_a_mandatory_event_reaches_the_inbox_alone(sink: Sink, alice: User) -> None:
    SuppressedAddress.objects.create(address=alice.email)

    with commit():
        get_event_bus().publish("account.locked", {"person_id": alice.pk, "place": "Paris"})

    assert_notified(alice, "account.locked", channel="app")
    assert_not_notified(alice, "account.locked", channel="email", because="suppressed")


def test_an_address_that_an_operator_clears_is_written_to_again(sink: Sink, alice: User) -> None:
    sink.at_rcpt[alice.email] = "550 no such mailbox"
    ship(alice)
    sink.at_rcpt.clear()
    SuppressedAddress.objects.all().delete()

    ship(alice)

    assert sink.addresses == [alice.email]


def test_being_refused_twice_is_on_record_once(sink: Sink, alice: User) -> None:
    sink.at_rcpt[alice.email] = "550 no such mailbox"
    with commit():
        for _ in range(2):
            get_event_bus().publish("order.shipped", shipping(alice))

    assert SuppressedAddress.objects.count() == 1


def test_people_are_looked_up_together(
    make_person: MakePerson, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    people = [make_person() for _ in range(5)]
    SuppressedAddress.objects.create(address=people[3].email)

    with django_assert_num_queries(1):
        assert EmailChannel().refusals([read_by(person) for person in people]) == {people[3].pk: "suppressed"}
