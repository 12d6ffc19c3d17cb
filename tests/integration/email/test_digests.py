"""Digests: what waits for a person comes in one message, at the time they chose."""

import subprocess
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connections
from django.utils import timezone
from pytest_django import Settings

from clarion.bus.relay import relay
from clarion.delivery.retention import cleanup
from clarion.inbox.service import NotificationService
from clarion.jobs import run
from clarion.models import AppNotification, EmailNotification, EventLog, NotificationPreference, Status
from clarion.notifiers import notify
from clarion.testing import commit
from tests.integration.clock import let_pass
from tests.integration.conftest import MakePerson
from tests.integration.email.sink import HANG_UP, Sink
from tests.integration.happenings import Happening, happen, happenings
from tests.integration.orders import ship, take_back

pytestmark = pytest.mark.django_db


def wants(person: User, cadence: str = "daily", **changes: Any) -> NotificationPreference:
    return NotificationPreference.objects.create(person=person, cadences={"orders": cadence}, **changes)


@pytest.fixture
def daily(alice: User) -> NotificationPreference:
    """Alice wants the mails about orders once a day."""
    return wants(alice)


def order(number: int, *people: User) -> None:
    ship(*people, order_id=number, item=f"Kite {number}", url=f"/orders/{number}/")


def go_on(time: timedelta) -> None:
    let_pass(time)
    with commit():
        relay()


def when_they_come() -> None:
    """Let time pass until all that waits for a digest is due, and a few seconds more."""
    last = EmailNotification.objects.order_by("due_at").exclude(due_at=None).last()
    assert last is not None
    assert last.due_at is not None
    go_on(last.due_at - timezone.now() + timedelta(seconds=6))


def fates() -> list[str]:
    return list(EmailNotification.objects.order_by("pk").values_list("status", flat=True))


def text_of(message: EmailMessage, kind: str = "plain") -> str:
    body = message.get_body((kind,))
    assert body is not None
    return str(body.get_content())


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


@pytest.mark.parametrize("urgency", ["mandatory", "urgent", "at_most_once"])
def test_what_must_be_told_or_is_urgent_or_must_not_come_twice_comes_at_once(
    sink: Sink, alice: User, daily: NotificationPreference, urgency: str
) -> None:
    def tell(event: EventLog) -> None:
        notify(event, people=[alice])

    with happenings(tell, **{urgency: True}):
        happen()
    assert [message["Subject"] for message in sink.mails] == ["News: rain"]


@pytest.mark.parametrize(
    ("cadence", "longest"), [("hourly", timedelta(hours=1)), ("weekly", timedelta(weeks=1))]
)
def test_the_next_digest_is_never_further_than_the_cadence(
    sink: Sink, alice: User, cadence: str, longest: timedelta
) -> None:
    wants(alice, cadence)
    order(1, alice)
    due_at = EmailNotification.objects.get().due_at
    assert due_at is not None
    assert timezone.now() < due_at <= timezone.now() + longest
    when_they_come()
    assert len(sink.mails) == 1


def test_people_elsewhere_are_told_at_nine_by_their_own_clocks(make_person: MakePerson) -> None:
    zones = {make_person(): zone for zone in ("Asia/Tokyo", "Europe/Berlin", "Mars/Olympus", "")}
    for person, zone in zones.items():
        wants(person, time_zone=zone)
    order(1, *zones)

    mails = {zones[mail.person]: mail.due_at or mail.created_at for mail in EmailNotification.objects.all()}
    assert mails["Asia/Tokyo"].hour == 0
    assert mails["Europe/Berlin"].hour in (7, 8)
    assert mails["Mars/Olympus"] == mails[""]
    assert mails[""].hour == 9


def test_cadences_of_categories_are_apart_and_what_is_due_together_comes_together(
    sink: Sink, alice: User
) -> None:
    wants(alice, "hourly")
    order(1, alice)
    take_back([alice], [])
    when_they_come()
    order(2, alice)
    when_they_come()
    subjects = [message["Subject"] for message in sink.mails]
    assert subjects == ["2 notifications from shop.example", "Shipped: Kite 2"]


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


@pytest.mark.django_db(transaction=True)
class TestWorkersAtOnce:
    def test_make_one_message_for_each_person(
        self, sink: Sink, make_person: MakePerson, no_workers: None
    ) -> None:
        people = [make_person() for _ in range(30)]
        for person in people:
            wants(person)
        for number in range(8):
            event = ship(*people, order_id=number, item=f"Kite {number}")
            for step in ("dispatch_event", "process_notifications"):
                run(step, event.pk)
            for handler_run in event.runs.all():
                run("run_handler", handler_run.pk)
            run("process_notifications", event.pk)
        assert EmailNotification.objects.count() == 240
        EmailNotification.objects.update(due_at=timezone.now() - timedelta(seconds=1))

        def work(_: int) -> None:
            try:
                run("work", 0)
            finally:
                connections.close_all()

        with ThreadPoolExecutor(4) as workers:
            list(workers.map(work, range(4)))

        assert sorted(sink.addresses) == sorted(person.email for person in people)
        assert {message["Subject"] for message in sink.mails} == {"8 notifications from shop.example"}
        assert set(fates()) == {Status.SENT}

    @pytest.mark.usefixtures("daily")
    def test_leave_a_digest_alone_while_the_server_has_it(self, sink: Sink, alice: User) -> None:
        for number in range(3):
            order(number, alice)
        seen: list[Any] = []

        def look(message: EmailMessage) -> None:
            run("work", 0)
            rows = EmailNotification.objects.values_list("status", "lease_token", "message_id")
            seen.extend(set(rows))
            connections.close_all()

        sink.before_accepting = look
        when_they_come()
        ((status, token, message_id),) = seen
        assert status == Status.RUNNING
        assert token is not None
        assert sink.message_ids == [message_id]

    @pytest.mark.usefixtures("daily", "no_workers")
    def test_after_a_kill_send_the_same_again_and_nothing_is_lost(
        self, sink: Sink, alice: User, process_environment: dict[str, str]
    ) -> None:
        """The one window: the server has said 250, and the worker dies before it can commit."""
        for number in range(3):
            event = ship(alice, order_id=number, item=f"Kite {number}")
            run("work", event.pk)
        assert len(fates()) == 3
        EmailNotification.objects.update(due_at=timezone.now() - timedelta(seconds=1))
        kill_after_the_answer(process_environment, sink.port)
        assert len(sink.mails) == 1

        ship(alice, order_id=9, item="Kite 9")
        run("work", 0)
        assert set(fates()) == {Status.RUNNING, Status.PENDING}
        let_pass(timedelta(days=1))
        run("work", 0)

        assert set(fates()) == {Status.SENT}
        first, again, since = sink.mails
        assert first["Message-ID"] == again["Message-ID"] != since["Message-ID"]
        assert first["Subject"] == again["Subject"] == "3 notifications from shop.example"
        assert since["Subject"] == "Shipped: Kite 9"


def kill_after_the_answer(environment: dict[str, str], port: int) -> None:
    code = (
        "import django; django.setup();"
        "from django.conf import settings;"
        "from tests.integration.email.sink import use_server;"
        f"use_server(settings, {port});"
        "from clarion.jobs import run; run('work', 0)"
    )
    died = subprocess.run(
        [sys.executable, "-c", code],
        env={**environment, "CLARION_FAULTS": "send.after_smtp=kill"},
        check=False,
        capture_output=True,
    )
    assert died.returncode == -9, died.stderr
