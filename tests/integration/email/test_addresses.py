"""Which addresses are written to, and what is on record for those that are not."""

from email import message_from_bytes, policy

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clarion.channels.email import EmailChannel
from clarion.delivery.message import Texts, message_to
from clarion.models import EmailNotification
from clarion.models.person import read_by
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
        ("alice@people.example;eve@evil.example", "malformed_address"),
        ("alice@people.example\r\nDATA", "malformed_address"),
        ("älice@people.example", "malformed_address"),
        ("alice@people.example\u202e", "malformed_address"),
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

    fitting, overlong = User(pk=1, email=address), User(pk=2, email=f"aaaa{address}")

    assert EmailChannel().refusals([read_by(fitting), read_by(overlong)]) == {2: "malformed_address"}


def is_well_formed(address: str) -> bool:
    try:
        validate_email(address)
    except ValidationError:
        return False
    return address.isprintable()


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    # Anything at all is seldom an address: letters are, and some signs, and to Django what cannot be seen.
    text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=80)
    | st.text("az09.+-_\u200b", max_size=20),
    before=st.booleans(),
)
def test_an_address_is_refused_as_malformed_or_stands_in_its_header_alone(text: str, before: bool) -> None:
    address = f"{text}alice@people.example" if before else f"alice@people.example{text}"
    refusals = EmailChannel().refusals([read_by(User(pk=1, email=address))])
    if not is_well_formed(address):
        assert refusals == {1: "malformed_address"}
        return

    assert refusals == {}
    message = message_to(address, "<1@shop.example>", "News", Texts("", ""))
    parsed = message_from_bytes(message.message().as_bytes(), policy=policy.default)

    assert [name for name, _ in parsed.items()].count("To") == 1
    assert len(parsed["To"].addresses) == 1
    assert not parsed.defects
    assert "Bcc" not in parsed


@pytest.mark.parametrize("ending", ["\u200b", "\u2028", "\x7f"])
def test_what_cannot_be_seen_cannot_be_in_an_address(ending: str) -> None:
    person = User(pk=1, email=f"alice@people.example{ending}")

    assert EmailChannel().refusals([read_by(person)]) == {1: "malformed_address"}


def test_a_line_break_in_a_name_cannot_add_a_header(sink: Sink, make_person: MakePerson) -> None:
    trick = "Alice\r\nBcc: eve@evil.example\r\n\r\nDear"
    person = make_person(first_name=trick, last_name=trick)

    ship(person, item=trick)

    (mail,) = sink.mails
    assert mail["To"] == person.email
    assert "Bcc" not in mail
    assert mail["Subject"] == "Shipped: Alice Bcc: eve@evil.example Dear"
    assert sink.addresses == [person.email]


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
