"""Digests that fail: one that was tried stays whole, and is sent again under the Message-ID it had."""

from collections.abc import Iterable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from pytest_django import Settings

from clarion.bus.relay import relay
from clarion.inbox.service import NotificationService
from clarion.models import AppNotification, EmailNotification, EventLog, NotificationPreference, Status
from clarion.notifiers import notify
from clarion.testing import commit
from tests.integration.email.digests.mails import fates, go_on, order, when_they_come
from tests.integration.email.sink import HANG_UP, Sink
from tests.integration.happenings import Happening, happen, happenings
from tests.integration.orders import ship

pytestmark = pytest.mark.django_db


@pytest.mark.usefixtures("daily")
class TestADigestThatIsRefused:
    @pytest.fixture(autouse=True)
    def _two_wait(self, alice: User, daily: NotificationPreference) -> None:
        order(1, alice)
        order(2, alice)

    def test_for_now_is_sent_again_as_it_was_and_what_came_since_apart(self, sink: Sink, alice: User) -> None:
        sink.at_data[alice.email] = "451 later"
        when_they_come()
        (failed,) = set(EmailNotification.objects.values_list("status", "attempts", "due_at", "error"))
        assert failed[:2] == (Status.FAILED, 1)
        assert failed[3] == "TransientError: 451 later"
        tried = set(EmailNotification.objects.values_list("message_id", flat=True))

        sink.at_data.clear()
        order(3, alice)
        EmailNotification.objects.update(due_at=timezone.now() - timedelta(seconds=10))
        with commit():
            relay()

        subjects = [message["Subject"] for message in sink.mails]
        assert subjects == ["2 notifications from shop.example", "Shipped: Kite 3"]
        assert {sink.message_ids[0]} == tried
        assert set(fates()) == {Status.SENT}

    @pytest.fixture
    def tried(self, sink: Sink, alice: User) -> str:
        """The Message-ID of a digest of two that was refused for now, and is due again."""
        sink.at_data[alice.email] = "451 later"
        when_they_come()
        sink.at_data.clear()
        EmailNotification.objects.update(due_at=timezone.now() - timedelta(seconds=10))
        (message_id,) = set(EmailNotification.objects.values_list("message_id", flat=True))
        return str(message_id)

    def test_stays_whole_though_a_worker_died_between_claiming_its_first_and_the_others(
        self, sink: Sink, tried: str
    ) -> None:
        first = EmailNotification.objects.earliest("pk")
        EmailNotification.objects.filter(pk=first.pk).update(status=Status.RUNNING, attempts=2)
        with commit():
            relay()

        assert [message["Subject"] for message in sink.mails] == ["2 notifications from shop.example"]
        assert sink.message_ids == [tried]

    def test_waits_for_those_of_it_that_a_dead_worker_still_holds(self, sink: Sink, tried: str) -> None:
        held = EmailNotification.objects.latest("pk")
        lease = timezone.now() + timedelta(minutes=4)
        EmailNotification.objects.filter(pk=held.pk).update(status=Status.RUNNING, due_at=lease)
        with commit():
            relay()
        assert sink.mails == []
        assert set(EmailNotification.objects.values_list("attempts", "due_at")) == {(1, lease)}

        go_on(timedelta(minutes=5))
        assert [message["Subject"] for message in sink.mails] == ["2 notifications from shop.example"]
        assert sink.message_ids == [tried]

    def test_for_good_is_dead_as_a_whole(self, sink: Sink, alice: User) -> None:
        sink.at_data[alice.email] = "554 no"
        when_they_come()
        ends = set(EmailNotification.objects.values_list("status", "attempts", "error"))
        assert ends == {(Status.DEAD, 1, "PermanentError: 554 no")}

    def test_because_of_its_address_suppresses_it(self, sink: Sink, alice: User) -> None:
        sink.at_rcpt[alice.email] = "550 no such mailbox"
        when_they_come()
        assert set(fates()) == {Status.DEAD}
        sink.at_rcpt.clear()
        event = ship(alice)
        assert event.notifiable_events.get().outcomes["email"] == "skipped:suppressed"

    def test_again_and_again_is_given_up_as_a_whole(
        self, sink: Sink, alice: User, settings: Settings
    ) -> None:
        settings.CLARION = {**settings.CLARION, "MAX_ATTEMPTS": 3}
        sink.at_data[alice.email] = "451 later"
        when_they_come()
        for _ in range(4):
            go_on(timedelta(hours=1))
        assert set(EmailNotification.objects.values_list("status", "attempts")) == {(Status.DEAD, 3)}

    def test_with_everybody_waits_at_no_cost(self, closed_sink: Sink) -> None:
        when_they_come()
        assert set(EmailNotification.objects.values_list("status", "attempts")) == {(Status.FAILED, 0)}
        closed_sink.open()
        go_on(timedelta(minutes=2))
        assert [message["Subject"] for message in closed_sink.mails] == ["2 notifications from shop.example"]

    def test_whose_answer_is_lost_has_the_same_message_id_whatever_is_left_of_it(
        self, sink: Sink, alice: User
    ) -> None:
        sink.at_data[alice.email] = HANG_UP
        when_they_come()
        (tried,) = set(EmailNotification.objects.values_list("message_id", flat=True))
        sink.at_data.clear()
        NotificationService().mark_notification_as_read(AppNotification.objects.earliest("pk").pk, alice)
        go_on(timedelta(minutes=1))
        assert [message["Subject"] for message in sink.mails] == ["Shipped: Kite 2"]
        assert sink.message_ids == [tried]


@pytest.mark.usefixtures("daily")
def test_an_event_type_that_cannot_be_asked_about_keeps_back_its_own_mails_only(
    sink: Sink, alice: User
) -> None:
    def tell(event: EventLog) -> None:
        notify(event, people=[alice])

    def fail(payload: Happening, people: object) -> list[int]:
        raise RuntimeError("the database of roles is away")

    with happenings(tell, audience=fail):
        happen()
        order(1, alice)
        order(2, alice)
        when_they_come()
    assert [message["Subject"] for message in sink.mails] == ["2 notifications from shop.example"]
    assert sorted(fates()) == [Status.FAILED, Status.SENT, Status.SENT]


@pytest.mark.usefixtures("daily")
def test_one_that_was_tried_waits_for_those_of_it_that_cannot_be_asked_about(sink: Sink, alice: User) -> None:
    broken: list[str] = []

    def tell(event: EventLog) -> None:
        notify(event, people=[alice])

    def audience(payload: Happening, people: Iterable[int]) -> Iterable[int]:
        if broken:
            raise RuntimeError(broken[0])
        return people

    with happenings(tell, audience=audience):
        happen()
        order(1, alice)
        order(2, alice)
        sink.at_data[alice.email] = "451 later"
        when_they_come()
        (tried,) = set(EmailNotification.objects.values_list("message_id", flat=True))
        sink.at_data.clear()

        broken.append("the database of roles is away")
        when_they_come()
        assert sink.mails == []

        broken.clear()
        when_they_come()
    assert [message["Subject"] for message in sink.mails] == ["3 notifications from shop.example"]
    assert sink.message_ids == [tried]
