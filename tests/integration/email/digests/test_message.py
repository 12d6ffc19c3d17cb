"""A digest is one message of all that waits for a person."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from pytest_django import Settings

from clarion.models import AppNotification, EmailNotification, Status
from tests.integration.email.digests.conftest import wants
from tests.integration.email.digests.mails import fates, order, text_of, when_they_come
from tests.integration.email.sink import Sink
from tests.integration.orders import ship

pytestmark = pytest.mark.django_db


@pytest.mark.usefixtures("daily")
class TestADigest:
    def test_waits_and_the_inbox_does_not(self, sink: Sink, alice: User) -> None:
        order(1, alice)

        mail = EmailNotification.objects.get()
        assert (mail.status, mail.attempts, mail.cadence) == (Status.PENDING, 0, "daily")
        assert mail.due_at is not None
        assert (mail.due_at.hour, mail.due_at.minute) == (9, 0)
        assert mail.due_at > timezone.now()
        assert mail.delete_at == mail.due_at + timedelta(hours=72)
        assert AppNotification.objects.count() == 1
        assert sink.mails == []

    def test_is_one_message_of_all_that_waits(self, sink: Sink, alice: User) -> None:
        for number in range(1, 6):
            order(number, alice)
        when_they_come()

        (message,) = sink.mails
        assert (message["To"], message["Subject"]) == (alice.email, "5 notifications from shop.example")
        for number in range(1, 6):
            for kind in ("plain", "html"):
                assert text_of(message, kind).count(f"Shipped: Kite {number}") >= 1
                assert f"Kite {number} is on its way." in text_of(message, kind)
                assert f"https://shop.example/orders/{number}/" in text_of(message, kind)
        for kind in ("plain", "html"):
            assert "https://shop.example/notifications/preferences/" in text_of(message, kind)

    def test_ends_all_its_rows_alike(self, sink: Sink, alice: User) -> None:
        for number in range(3):
            order(number, alice)
        when_they_come()

        ends = ("status", "attempts", "sent_at", "address", "message_id", "error", "due_at")
        (end,) = set(EmailNotification.objects.values_list(*ends))
        assert end[:2] == (Status.SENT, 1)
        assert end[2] is not None
        assert end[3:] == (alice.email, sink.message_ids[0], "", None)

    def test_of_one_is_that_mail_as_it_is(self, sink: Sink, alice: User) -> None:
        order(1, alice)
        when_they_come()

        (message,) = sink.mails
        assert message["Subject"] == "Shipped: Kite 1"
        assert sink.message_ids == [EmailNotification.objects.get().message_id]

    def test_is_in_the_language_of_the_person(self, sink: Sink, alice: User, settings: Settings) -> None:
        settings.LANGUAGE_CODE = "de"
        order(1, alice)
        order(2, alice)
        when_they_come()

        (message,) = sink.mails
        assert message["Subject"] == "2 Benachrichtigungen von shop.example"
        assert "Versandt: Kite 1" in text_of(message)
        assert '<html lang="de" dir="ltr">' in text_of(message, "html")

    def test_names_the_sender_as_the_project_does(self, sink: Sink, alice: User, settings: Settings) -> None:
        settings.DEFAULT_FROM_EMAIL = "The Kite Shop <shop@shop.example>"
        order(1, alice)
        order(2, alice)
        when_they_come()
        assert [message["Subject"] for message in sink.mails] == ["2 notifications from The Kite Shop"]

    def test_escapes_what_is_in_it(self, sink: Sink, alice: User) -> None:
        ship(alice, item="<b>Kite</b>")
        order(2, alice)
        when_they_come()
        assert "&lt;b&gt;Kite&lt;/b&gt; is on its way." in text_of(sink.mails[0], "html")
        assert "<b>Kite</b> is on its way." in text_of(sink.mails[0])

    def test_is_one_for_each_person(self, sink: Sink, alice: User, bob: User) -> None:
        wants(bob)
        order(1, alice, bob)
        order(2, bob, alice)
        when_they_come()
        assert sorted(sink.addresses) == [alice.email, bob.email]

    def test_holds_so_many_and_no_more(
        self, sink: Sink, alice: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("clarion.delivery.digest.LISTED", 2)
        for number in range(5):
            order(number, alice)
        when_they_come()
        subjects = [message["Subject"] for message in sink.mails]
        assert subjects == [*["2 notifications from shop.example"] * 2, "Shipped: Kite 4"]
        assert set(fates()) == {Status.SENT}

    def test_leaves_those_who_chose_none_as_they_were(self, sink: Sink, alice: User, bob: User) -> None:
        order(1, alice, bob)
        assert sink.addresses == [bob.email]
        assert EmailNotification.objects.get(person=bob).cadence == ""
