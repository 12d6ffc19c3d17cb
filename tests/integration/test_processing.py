"""Processing: a batch of people at a time, each with an outcome, one person's failure alone."""

import sys
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.utils import timezone

from clarion.jobs import run
from clarion.models import AppNotification, EmailNotification, NotifiableEvent, NotificationPreference, Status
from clarion.notifiers import notify
from clarion.testing import assert_notified
from tests.integration.conftest import MakePerson
from tests.integration.orders import ship

pytestmark = pytest.mark.django_db

CHUNKS = [1, 2, 3, 500]


@pytest.mark.parametrize("chunk", CHUNKS)
def test_everybody_is_told_once_however_large_the_chunks(
    chunk: int, make_person: MakePerson, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules["clarion.notifiers.notify"], "CHUNK", chunk)
    people = [make_person() for _ in range(5)]

    ship(*people)

    for model in (NotifiableEvent, AppNotification, EmailNotification):
        told = model._default_manager.values_list("person", flat=True)
        assert sorted(told) == [person.pk for person in people]
    assert set(NotifiableEvent.objects.values_list("status", "attempts")) == {(Status.DONE, 1)}


@pytest.mark.parametrize("chunk", CHUNKS)
def test_every_person_has_an_outcome_of_their_own(
    chunk: int, make_person: MakePerson, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules["clarion.notifiers.notify"], "CHUNK", chunk)
    plain, unreachable, gone, quiet = people = [
        make_person(),
        make_person(email=""),
        make_person(is_active=False),
        make_person(),
    ]
    NotificationPreference.objects.create(person=quiet, categories={"orders": "apps"})

    ship(*people)

    assert dict(NotifiableEvent.objects.values_list("person", "outcomes")) == {
        plain.pk: {"app": "created:no_record", "email": "created:no_record"},
        unreachable.pk: {"app": "created:no_record", "email": "skipped:no_address"},
        gone.pk: {"app": "skipped:inactive", "email": "skipped:inactive"},
        quiet.pk: {"app": "created:category_choice", "email": "skipped:category_choice"},
    }


@pytest.mark.parametrize("chunk", CHUNKS)
def test_one_person_s_failure_is_theirs_alone(
    chunk: int, make_person: MakePerson, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules["clarion.notifiers.notify"], "CHUNK", chunk)
    people = [make_person() for _ in range(5)]
    unreadable = NotificationPreference(person=people[2], categories={"orders": "pigeon"})
    NotificationPreference.objects.bulk_create([unreadable])

    ship(*people)

    failed = NotifiableEvent.objects.get(person=people[2])
    assert (failed.status, failed.outcomes) == (Status.FAILED, {})
    assert failed.error.startswith("ValueError: 'pigeon' is not a valid")
    for person in (*people[:2], *people[3:]):
        assert_notified(person, "order.shipped", channel="app")
    assert AppNotification.objects.count() == len(mail.outbox) == 4


@pytest.mark.usefixtures("no_workers")
@pytest.mark.parametrize("job", ["process_notifications", "process_notification"])
def test_what_was_half_done_is_completed_and_not_repeated(job: str, alice: User, bob: User) -> None:
    event = ship()
    told, _ = (
        NotifiableEvent.objects.create(
            event_log=event, event_type=event.event_type, person=person, params=event.payload
        )
        for person in (alice, bob)
    )
    already = AppNotification.objects.create(event=told, title="Already there")
    assert (already.person, already.delete_at) == (alice, told.delete_at)

    for row_id in [event.pk] if job == "process_notifications" else [told.pk, told.pk + 1]:
        run(job, row_id)

    assert [item.title for item in AppNotification.objects.order_by("person")] == [
        "Already there",
        "Shipped: Kite",
    ]
    assert EmailNotification.objects.count() == 2


@pytest.mark.usefixtures("no_workers")
def test_a_person_deleted_before_processing_is_left_out(alice: User, bob: User) -> None:
    event = ship(alice, bob)
    run("dispatch_event", event.pk)
    run("run_handler", event.runs.get().pk)
    bob.delete()

    run("process_notifications", event.pk)

    assert AppNotification.objects.get().person == alice


AWKWARD: list[Callable[[], dict[str, Any]]] = [
    lambda: {"item": 'It\'s a "kite", \\ 100 % {braces} [x]; DROP TABLE --'},
    lambda: {"item": "Zoë’s 🪁 طائرة\nورقية\t"},
    lambda: {"item": "true"},
    lambda: {"item": "null"},
    lambda: {"item": "[1, 2]"},
    lambda: {"item": "12345678901234567890"},
    lambda: {"item": "1e5"},
    lambda: {"item": ""},
    lambda: {"order_id": 2**63 - 1},
    lambda: {"order_id": -(2**63)},
    lambda: {"person_ids": []},
]


@pytest.mark.parametrize("changes", AWKWARD, ids=lambda changes: str(changes())[:24])
@pytest.mark.usefixtures("no_workers")
def test_parameters_are_stored_as_they_were_given(changes: Callable[[], dict[str, Any]], alice: User) -> None:

    event = ship(alice)

    notify(event, people=[alice], params=changes(), link="/?q='\"", reason="because it's “yours”")
    run("process_notifications", event.pk)

    told = NotifiableEvent.objects.get()
    assert told.params == event.payload | changes()
    assert (told.link, told.reason) == ("/?q='\"", "because it's “yours”")
    assert (told.status, told.attempts, told.error) == (Status.DONE, 1, "")
    assert told.outcomes == {"app": "created:no_record", "email": "created:no_record"}
    assert (told.due_at, told.lease_token) == (None, None)
    assert told.delete_at == event.delete_at
    assert told.finished_at == told.created_at


def test_rows_written_in_bulk_have_their_defaults(make_person: MakePerson) -> None:
    ship(*(make_person() for _ in range(3)))

    for item in AppNotification.objects.all():
        assert (item.is_read, item.read_at, item.is_fallback) == (False, None, False)
        assert abs((timezone.now() - item.created_at).total_seconds()) < 30
