"""A worker that was stopped past its lease does not send what another has already sent."""

from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connections

from clarion.delivery import sender
from clarion.jobs import run
from clarion.models import EmailNotification, EventLog, Status
from clarion.notifiers import notify
from tests.integration.clock import let_pass
from tests.integration.conftest import MakePerson
from tests.integration.email.sink import Sink
from tests.integration.email.waiting import up_to_the_mail
from tests.integration.happenings import happen, happenings

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_workers", "suspicious")]

Interruption = Callable[[], None]


@pytest.fixture
def suspicious(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers ask before each mail whether it is still theirs, as if a second had passed since the last."""
    monkeypatch.setattr(sender, "TRUST", timedelta(seconds=-1))


def tell_all(event: EventLog) -> None:
    notify(event, people=User.objects.all())


def taken_over(event: EventLog) -> None:
    """What happens while a worker is stopped: its lease runs out and another does the work."""
    let_pass(timedelta(minutes=6))
    run("send_emails", event.pk)


def test_what_was_taken_over_before_the_first_mail_is_not_sent_again(
    sink: Sink, make_person: MakePerson
) -> None:
    for _ in range(3):
        make_person()
    stops: list[object] = []

    def stop_once(payload: Mapping[str, Any], people: Collection[int]) -> Collection[int]:
        if not stops:
            stops.append(people)
            taken_over(event)
        return people

    with happenings(tell_all, audience=stop_once):
        event = up_to_the_mail(happen())
        run("send_emails", event.pk)

    assert len(sink.mails) == len(set(sink.message_ids)) == 3
    # The second attempt is the other worker's.
    assert set(EmailNotification.objects.values_list("status", "attempts")) == {(Status.SENT, 2)}


def test_what_was_taken_over_between_two_mails_is_not_sent_again(sink: Sink, make_person: MakePerson) -> None:
    for _ in range(3):
        make_person()
    stops: list[object] = []

    def stop_once(mail: EmailMessage) -> None:
        if not stops:
            stops.append(mail)
            taken_over(event)
            connections.close_all()

    sink.before_accepting = stop_once
    with happenings(tell_all):
        event = up_to_the_mail(happen())
        run("send_emails", event.pk)

    # The mail in the server's hands at the time is the one that nobody can call back.
    assert len(sink.mails) == 4
    assert len(set(sink.message_ids)) == 3
    assert set(EmailNotification.objects.values_list("status", flat=True)) == {Status.SENT}


def test_a_mail_whose_person_was_deleted_meanwhile_is_not_sent(sink: Sink, alice: User, bob: User) -> None:
    def delete_bob(mail: EmailMessage) -> None:
        User.objects.filter(pk=bob.pk).delete()
        connections.close_all()

    sink.before_accepting = delete_bob
    with happenings(tell_all):
        event = up_to_the_mail(happen())
        run("send_emails", event.pk)

    assert sink.addresses == [alice.email]
    assert EmailNotification.objects.get().person == alice


def test_a_worker_in_a_hurry_does_not_ask(
    sink: Sink, make_person: MakePerson, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender, "TRUST", timedelta(hours=1))
    asked: list[object] = []
    monkeypatch.setattr(sender, "still_held", asked.append)
    for _ in range(3):
        make_person()

    with happenings(tell_all):
        event = up_to_the_mail(happen())
        run("send_emails", event.pk)

    assert len(sink.mails) == 3
    assert asked == []
