"""What goes out to the mail server, and when a mail counts as sent."""

import logging
import re

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from pytest_django import Settings

from clarion.jobs import run
from clarion.models import EmailNotification, Status
from clarion.models.template import EMAIL_LIMIT_BYTES
from tests.integration.conftest import MakePerson
from tests.integration.email.sink import Sink
from tests.integration.orders import ship

pytestmark = pytest.mark.django_db


def test_a_mail_arrives_as_its_row_says(sink: Sink, alice: User) -> None:
    ship(alice)

    row, (mail,) = EmailNotification.objects.get(), sink.mails
    assert mail["Subject"] == row.subject == "Shipped: Kite"
    assert mail["To"] == row.address == alice.email
    assert mail["From"] == "shop@shop.example"
    assert mail["Message-ID"] == row.message_id
    assert row.message_id.endswith("@shop.example>")
    assert mail["Auto-Submitted"] == "auto-generated"


def test_a_mail_says_the_same_as_text_and_as_html(sink: Sink, alice: User) -> None:
    ship(alice)

    text, html = sink.mails[0].iter_parts()
    assert (text.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    for part in (text, html):
        assert "Kite is on its way." in part.get_content()
        assert "https://shop.example/orders/7/" in part.get_content()


def test_a_mail_has_letters_of_every_script(sink: Sink, alice: User) -> None:
    ship(alice, item="Drachen für Zoë 🪁 凧")

    mail = sink.mails[0]
    assert mail["Subject"] == "Shipped: Drachen für Zoë 🪁 凧"
    assert "Drachen für Zoë 🪁 凧 is on its way." in mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]


def test_many_mails_share_one_conversation(sink: Sink, make_person: MakePerson) -> None:
    people = [make_person() for _ in range(30)]

    ship(*people)

    assert sink.conversations == 1
    assert sink.addresses == [person.email for person in people]
    assert len(set(sink.message_ids)) == 30


def test_more_mails_than_a_batch_share_one_conversation_too(
    sink: Sink, make_person: MakePerson, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clarion.delivery.sender.BATCH", 2)

    ship(*(make_person() for _ in range(5)))

    assert (sink.conversations, len(sink.mails)) == (1, 5)
    assert set(EmailNotification.objects.values_list("status", "attempts")) == {(Status.SENT, 1)}


def test_people_never_see_each_other_s_addresses(sink: Sink, alice: User, bob: User) -> None:
    ship(alice, bob)

    for mail, person in zip(sink.mails, (alice, bob), strict=True):
        others = {alice.email, bob.email} - {person.email}
        assert not [address for address in others if address in mail.as_string()]


@pytest.mark.usefixtures("no_workers")
def test_a_mail_counts_as_sent_when_the_server_has_taken_it_and_not_before(sink: Sink, alice: User) -> None:
    event = ship(alice)
    run("dispatch_event", event.pk)
    run("run_handler", event.runs.get().pk)
    run("process_notifications", event.pk)
    row = EmailNotification.objects.get()
    assert (row.status, row.sent_at, row.attempts) == (Status.PENDING, None, 0)
    assert sink.mails == []

    before = timezone.now()
    run("send_emails", event.pk)

    row.refresh_from_db()
    assert (row.status, row.attempts, row.error) == (Status.SENT, 1, "")
    assert row.sent_at is not None
    assert abs((row.sent_at - before).total_seconds()) < 30  # two clocks: the database's and ours
    assert len(sink.mails) == 1


def test_a_mail_without_a_base_url_has_no_link_that_leads_nowhere(
    sink: Sink, alice: User, settings: Settings
) -> None:
    settings.CLARION = {**settings.CLARION, "BASE_URL": ""}

    ship(alice)

    assert "/orders/7/" not in sink.mails[0].as_string()


def test_nothing_of_a_mail_is_logged(sink: Sink, alice: User, caplog: pytest.LogCaptureFixture) -> None:
    sink.at_data[alice.email] = "451 try later, dear canary"
    with caplog.at_level(logging.DEBUG, logger="clarion"):
        ship(alice, item="canary")

    said = str([vars(record) for record in caplog.records if record.name.startswith("clarion")])
    assert "e-mail not sent" in said
    assert "canary" not in said
    assert alice.email not in said


def test_a_mail_that_would_be_clipped_is_cut_where_the_reader_can_see_it(sink: Sink, alice: User) -> None:
    ship(alice, item="<&> " * 15_000)

    text, html = (part.get_content() for part in sink.mails[0].iter_parts())
    assert 95 * 1024 < len(html.encode()) <= EMAIL_LIMIT_BYTES
    assert html.count("/orders/7/") == 1
    assert "/notifications/preferences/" in html
    assert re.search(r"…\s+Open: https://shop.example/orders/7/", text)
