"""What changes while a digest waits: what was read, muted or turned off is left out."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from clarion.delivery.retention import cleanup
from clarion.inbox.service import NotificationService
from clarion.models import AppNotification, EmailNotification, NotificationPreference, Status
from tests.integration.email.digests.conftest import wants
from tests.integration.email.digests.mails import fates, go_on, order, text_of, when_they_come
from tests.integration.email.sink import Sink

pytestmark = pytest.mark.django_db


@pytest.mark.usefixtures("daily")
class TestWhatChangedMeanwhile:
    @pytest.fixture(autouse=True)
    def _three_wait(self, sink: Sink, alice: User, daily: NotificationPreference) -> None:
        for number in (1, 2, 3):
            order(number, alice)

    def test_what_was_read_or_muted_is_left_out_with_its_reason(self, sink: Sink, alice: User) -> None:
        NotificationService().mark_notification_as_read(AppNotification.objects.earliest("pk").pk, alice)
        order(4, alice)
        NotificationService().mute(alice, "order:2")
        when_they_come()

        (message,) = sink.mails
        assert message["Subject"] == "2 notifications from shop.example"
        assert "Kite 1" not in text_of(message)
        assert "Kite 2" not in text_of(message)
        cancelled = EmailNotification.objects.filter(status=Status.CANCELLED).order_by("pk")
        assert [mail.note for mail in cancelled] == ["already_read", "muted"]
        assert fates().count(Status.SENT) == 2

    def test_if_one_is_left_it_is_sent_as_it_is(self, sink: Sink, alice: User) -> None:
        for item in AppNotification.objects.order_by("pk")[:2]:
            NotificationService().mark_notification_as_read(item.pk, alice)
        when_they_come()
        assert [message["Subject"] for message in sink.mails] == ["Shipped: Kite 3"]

    def test_if_none_is_left_nothing_is_sent(self, sink: Sink, alice: User) -> None:
        NotificationPreference.objects.update(categories={"orders": "none"})
        when_they_come()
        assert sink.mails == []
        assert set(fates()) == {Status.CANCELLED}

    def test_who_went_away_is_not_written_to(self, sink: Sink, alice: User) -> None:
        User.objects.update(is_active=False)
        when_they_come()
        assert sink.mails == []
        assert set(EmailNotification.objects.values_list("note", flat=True)) == {"inactive"}

    def test_it_goes_to_the_address_of_now(self, sink: Sink, alice: User) -> None:
        User.objects.update(email="new@people.example")
        when_they_come()
        assert sink.addresses == ["new@people.example"]
        assert set(EmailNotification.objects.values_list("address", flat=True)) == {"new@people.example"}

    def test_quiet_hours_hold_it_back(self, sink: Sink, daily: NotificationPreference) -> None:
        now = timezone.now()
        daily.quiet_from = (now - timedelta(hours=1)).time()
        daily.quiet_until = (now + timedelta(hours=2)).time()
        daily.time_zone = "UTC"
        daily.save()
        when_they_come()
        assert sink.mails == []
        assert set(EmailNotification.objects.values_list("status", "attempts")) == {(Status.PENDING, 0)}

        daily.quiet_from = daily.quiet_until = None
        daily.save()
        go_on(timedelta(hours=3))
        assert [message["Subject"] for message in sink.mails] == ["3 notifications from shop.example"]


def test_what_was_read_stays_in_the_inbox_until_the_digest_has_gone(sink: Sink, alice: User) -> None:
    """Or the digest would tell of it again, for nobody would know any more that it was read."""
    wants(alice, "weekly")
    order(1, alice)
    order(2, alice)
    NotificationService().mark_notification_as_read(AppNotification.objects.earliest("pk").pk, alice)
    AppNotification.objects.update(delete_at=timezone.now())

    cleanup()
    when_they_come()

    assert [message["Subject"] for message in sink.mails] == ["Shipped: Kite 2"]
    cleanup()
    assert not AppNotification.objects.exists()
