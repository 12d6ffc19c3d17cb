"""What is odd but no error is accepted, and noted where an operator looks."""

import pytest
from django.contrib.auth.models import User
from django.core import mail

from clarion.bus import get_event_bus
from clarion.models import AppNotification, EventLog, NotifiableEvent, Status
from clarion.notifiers import notify
from clarion.testing import assert_not_notified, assert_notified, commit
from tests.integration.conftest import MakePerson
from tests.integration.happenings import happen, happenings
from tests.integration.orders import ship

pytestmark = pytest.mark.django_db


def test_an_event_that_concerns_nobody() -> None:
    event = ship()

    handler_run = event.runs.get()
    assert (handler_run.status, handler_run.note) == (Status.DONE, "nobody to tell")
    assert event.status == Status.DONE


def test_people_who_are_named_more_than_once(alice: User, bob: User) -> None:
    def tell(event: EventLog) -> None:
        assert notify(event, people=[alice, bob, alice, alice]) == 2

    with happenings(tell):
        event = happen()

    assert event.runs.get().note == "2 duplicates collapsed"
    assert NotifiableEvent.objects.count() == AppNotification.objects.count() == len(mail.outbox) == 2


def test_people_who_are_named_once_leave_no_note(alice: User, bob: User) -> None:
    assert ship(alice, bob).runs.get().note == ""


def test_a_person_who_is_not_active(make_person: MakePerson, alice: User) -> None:
    gone = make_person(is_active=False)

    ship(alice, gone)

    assert_notified(alice, "order.shipped")
    assert_not_notified(gone, "order.shipped", because="inactive")
    assert NotifiableEvent.objects.get(person=gone).outcomes == {
        "app": "skipped:inactive",
        "email": "skipped:inactive",
    }


def test_an_event_that_nobody_handles() -> None:
    with commit():
        event = get_event_bus().publish("stock.counted", {"items": 12})

    event.refresh_from_db()
    assert (event.status, event.note) == (Status.DONE, "no handler is subscribed to stock.counted")
    assert not event.runs.exists()


def test_two_notes_of_one_run_are_both_kept(alice: User) -> None:
    def tell_twice(event: EventLog) -> None:
        notify(event, people=[])
        notify(event, people=[alice, alice])

    with happenings(tell_twice):
        event = happen()

    assert event.runs.get().note == "nobody to tell\n1 duplicates collapsed"
