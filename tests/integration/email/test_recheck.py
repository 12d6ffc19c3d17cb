"""What was true at the event is asked again when the mail goes out."""

from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User

from clarion.bus.relay import relay
from clarion.exceptions import SubjectGone
from clarion.inbox.service import NotificationService
from clarion.jobs import run
from clarion.models import AppNotification, EmailNotification, EventLog, NotificationPreference, Status
from clarion.notifiers import notify
from clarion.testing import commit
from tests.integration.clock import let_pass
from tests.integration.email.sink import Sink
from tests.integration.email.waiting import up_to_the_mail
from tests.integration.happenings import Happening, happen, happenings
from tests.integration.orders import ship

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_workers")]


@pytest.fixture
def waiting(alice: User) -> Callable[[], EmailNotification]:
    """A mail that waits to be sent; call it to have it sent and see what became of it."""
    event = up_to_the_mail(ship(alice))
    assert EmailNotification.objects.get().status == Status.PENDING

    def send() -> EmailNotification:
        run("send_emails", event.pk)
        return EmailNotification.objects.get()

    return send


Waiting = Callable[[], EmailNotification]


def cancelled(mail: EmailNotification, reason: str) -> bool:
    return (mail.status, mail.note, mail.sent_at) == (Status.CANCELLED, reason, None)


def test_a_mail_of_which_all_is_still_true_goes_out(sink: Sink, waiting: Waiting) -> None:
    assert waiting().status == Status.SENT
    assert len(sink.mails) == 1


@pytest.mark.parametrize(
    ("choices", "reason"),
    [
        ({"categories": {"orders": "none"}}, "category_choice"),
        ({"categories": {"orders": "apps"}}, "category_choice"),
        ({"event_types": {"order.shipped": "apps"}}, "event_type_choice"),
    ],
)
def test_a_person_who_turned_it_off_meanwhile_gets_no_mail(
    sink: Sink, waiting: Waiting, alice: User, choices: dict[str, Any], reason: str
) -> None:
    NotificationPreference.objects.create(person=alice, **choices)

    assert cancelled(waiting(), reason)
    assert sink.mails == []


def test_a_person_who_has_read_it_meanwhile_gets_no_mail(sink: Sink, waiting: Waiting, alice: User) -> None:
    assert NotificationService().mark_notification_as_read(AppNotification.objects.get().pk, alice)

    assert cancelled(waiting(), "already_read")
    assert sink.mails == []


def test_a_person_who_muted_the_order_meanwhile_gets_no_mail(
    sink: Sink, waiting: Waiting, alice: User
) -> None:
    NotificationService().mute(alice, "order:7")

    assert cancelled(waiting(), "muted")
    assert sink.mails == []


def test_a_person_who_is_not_active_any_more_gets_no_mail(sink: Sink, waiting: Waiting) -> None:
    User.objects.update(is_active=False)

    assert cancelled(waiting(), "inactive")
    assert sink.mails == []


def test_a_person_whose_address_changed_gets_the_mail_there(sink: Sink, waiting: Waiting) -> None:
    User.objects.update(email="alice@new.example")

    assert waiting().address == "alice@new.example"
    assert sink.addresses == ["alice@new.example"]


@pytest.mark.parametrize(("address", "reason"), [("", "no_address"), ("alice@", "malformed_address")])
def test_a_person_whose_address_is_gone_gets_no_mail(
    sink: Sink, waiting: Waiting, address: str, reason: str
) -> None:
    User.objects.update(email=address)

    assert cancelled(waiting(), reason)
    assert sink.mails == []


def test_a_person_who_was_deleted_leaves_nothing_behind(sink: Sink, waiting: Waiting, alice: User) -> None:
    alice.delete()

    with pytest.raises(EmailNotification.DoesNotExist):
        waiting()
    assert sink.mails == []


def test_a_cancelled_mail_stays_cancelled(sink: Sink, waiting: Waiting) -> None:
    User.objects.update(is_active=False)
    waiting()
    User.objects.update(is_active=True)

    let_pass(timedelta(hours=1))
    with commit():
        relay()

    assert waiting().status == Status.CANCELLED
    assert sink.mails == []


def test_a_mandatory_mail_goes_out_whatever_was_chosen_or_read(sink: Sink, alice: User) -> None:
    def tell(event: EventLog) -> None:
        notify(event, people=[alice])

    with happenings(tell, mandatory=True):
        event = up_to_the_mail(happen())
        NotificationPreference.objects.create(person=alice, categories={"orders": "none"})
        NotificationService().mark_all_as_read(alice)
        run("send_emails", event.pk)

    assert EmailNotification.objects.get().status == Status.SENT


class TestAnAudience:
    def test_is_asked_who_may_still_know(self, sink: Sink, alice: User, bob: User) -> None:
        asked: list[tuple[Mapping[str, Any], set[int]]] = []

        def all_but_bob(payload: Mapping[str, Any], people: Collection[int]) -> set[int]:
            asked.append((payload, set(people)))
            return set(people) - {bob.pk}

        def tell(event: EventLog) -> None:
            notify(event, people=[alice, bob])

        with happenings(tell, audience=all_but_bob):
            event = up_to_the_mail(happen(text="rain"))
            run("send_emails", event.pk)

        assert asked == [({"text": "rain"}, {alice.pk, bob.pk})]
        assert sink.addresses == [alice.email]
        assert cancelled(EmailNotification.objects.get(person=bob), "no_access")

    def test_may_say_that_what_the_event_was_about_is_gone(self, sink: Sink, alice: User, bob: User) -> None:
        def gone(payload: Mapping[str, Any], people: Collection[int]) -> set[int]:
            raise SubjectGone

        def tell(event: EventLog) -> None:
            notify(event, people=[alice, bob])

        with happenings(tell, audience=gone):
            run("send_emails", up_to_the_mail(happen()).pk)

        assert sink.mails == []
        assert all(cancelled(mail, "subject_gone") for mail in EmailNotification.objects.all())

    def test_is_given_the_payload_of_this_version(self, sink: Sink, alice: User) -> None:
        class Forecast(Happening):
            degrees: int

        asked = []

        def nobody(payload: Mapping[str, Any], people: Collection[int]) -> set[int]:
            asked.append(payload)
            return set()

        def tell(event: EventLog) -> None:
            notify(event, people=[alice])

        with happenings(tell):
            event = up_to_the_mail(happen(text="rain"))
        upcasters = {1: lambda payload: payload | {"degrees": 9}}
        with happenings(payload=Forecast, version=2, upcasters=upcasters, audience=nobody):
            run("send_emails", event.pk)

        assert asked == [{"text": "rain", "degrees": 9}]
        assert sink.mails == []

    def test_that_fails_is_on_record_and_the_mails_wait(self, sink: Sink, alice: User, bob: User) -> None:
        def fail(payload: Mapping[str, Any], people: Collection[int]) -> set[int]:
            raise LookupError("the registry of members is closed")

        def tell(event: EventLog) -> None:
            notify(event, people=[alice, bob])

        with happenings(tell, audience=fail):
            event = up_to_the_mail(happen())
            run("send_emails", event.pk)

        for row in EmailNotification.objects.all():
            assert (row.status, row.attempts) == (Status.FAILED, 1)
            assert row.error == "LookupError: the registry of members is closed"
        assert sink.mails == []
