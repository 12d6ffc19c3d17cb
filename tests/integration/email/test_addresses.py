"""Which addresses are written to, and what is on record for those that are not."""

import pytest
from django.contrib.auth.models import User

from clarion.channels.email import EmailChannel
from clarion.models import EmailNotification
from clarion.testing import assert_not_notified, assert_notified
from tests.integration.conftest import MakePerson
from tests.integration.email.sink import Sink
from tests.integration.orders import ship

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("", "no_address"),
        ("alice", "malformed_address"),
        ("alice@", "malformed_address"),
        ("@people.example", "malformed_address"),
        ("alice@people@example", "malformed_address"),
        (" alice@people.example", "malformed_address"),
        ("alice@people.example, eve@evil.example", "malformed_address"),
        ("alice@people.example\nBcc: eve@evil.example", "malformed_address"),
        ("Alice <alice@people.example>", "malformed_address"),
    ],
)
def test_an_address_that_cannot_be_used_is_skipped_with_its_reason(
    sink: Sink, make_person: MakePerson, address: str, reason: str
) -> None:
    person = make_person(email=address)

    ship(person)

    assert_not_notified(person, "order.shipped", channel="email", because=reason)
    assert_notified(person, "order.shipped", channel="app")
    assert not EmailNotification.objects.exists()
    assert sink.mails == []


def test_an_address_longer_than_a_mail_server_must_take_is_refused() -> None:
    # A person model may keep longer addresses than Django's user does.
    address = f"{'a' * 60}@{'b' * 60}.{'c' * 60}.{'d' * 60}.example"

    assert EmailChannel().refusal(User(email=address)) is None
    assert EmailChannel().refusal(User(email=f"aaaa{address}")) == "malformed_address"


def test_one_address_that_cannot_be_used_does_not_touch_the_others(
    sink: Sink, make_person: MakePerson, alice: User
) -> None:
    ship(make_person(email="nobody@"), alice, make_person(email=""))

    assert sink.addresses == [alice.email]


@pytest.mark.parametrize(
    ("address", "arrives_as"),
    [
        ("Alice.Liddell+news@People.Example", "Alice.Liddell+news@People.Example"),
        ("alice@bücher.example", "alice@xn--bcher-kva.example"),
    ],
)
def test_an_unusual_address_is_written_to(
    sink: Sink, make_person: MakePerson, address: str, arrives_as: str
) -> None:
    ship(make_person(email=address))

    assert sink.addresses == [arrives_as]
