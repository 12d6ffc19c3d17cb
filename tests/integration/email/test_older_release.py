"""Workers of an older release beside those of this one, on a database that is migrated: all arrives, once."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.db import connection
from django.db.models import F, Model
from django.utils import timezone

from clarion.database.clock import Now
from clarion.delivery.batches import tell_batches
from clarion.jobs import run
from clarion.models import (
    AppNotification,
    ChannelPause,
    EventLog,
    Heartbeat,
    InboxState,
    Mute,
    NotificationPreference,
    RecipientBatch,
    Status,
    SuppressedAddress,
)
from tests.integration.clock import let_pass
from tests.integration.email.sink import Sink
from tests.integration.email.waiting import up_to_the_mail
from tests.integration.older_releases import for_each_older_release, tables_known_to
from tests.integration.orders import ship

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_workers"), for_each_older_release]

LEASE = timedelta(minutes=5)
NO_MAIL = {"event_types": {"order.shipped": NotificationPreference.Type.APPS}}


def published(event: EventLog) -> None:
    """A worker has yet to see it."""


def dispatched(event: EventLog) -> None:
    run("dispatch_event", event.pk)


def handled(event: EventLog) -> None:
    dispatched(event)
    run("run_handler", event.runs.get().pk)


def written_down_one_by_one(event: EventLog) -> None:
    handled(event)
    RecipientBatch.objects.update(attempts=1)
    tell_batches(RecipientBatch.objects.all())


STEPS = [published, dispatched, handled, written_down_one_by_one, up_to_the_mail]


@pytest.mark.parametrize("step", STEPS)
def test_what_an_older_worker_wrote_and_left_behind_is_brought_to_its_end(
    last_migration: str, step: Callable[[EventLog], object], sink: Sink, alice: User, bob: User
) -> None:
    NotificationPreference.objects.create(person=bob, **NO_MAIL)
    event = ship(alice, bob)
    step(event)
    write_anew(last_migration)
    assert claim(last_migration)

    let_pass(LEASE * 2)
    run("work", 0)

    event.refresh_from_db()
    assert event.status == Status.DONE
    assert set(AppNotification.objects.values_list("person", "title")) == {
        (alice.pk, "Shipped: Kite"),
        (bob.pk, "Shipped: Kite"),
    }
    assert sink.addresses == [alice.email]


def test_what_an_older_worker_has_sent_is_not_sent_again(
    last_migration: str, sink: Sink, alice: User
) -> None:
    event = up_to_the_mail(ship(alice))
    claim(last_migration)
    for older in tables_known_to(last_migration):
        if older.__name__ == "EmailNotification":
            ended = {"due_at": None, "lease_token": None, "finished_at": Now(), "sent_at": timezone.now()}
            older._default_manager.update(status=Status.SENT, **ended)

    let_pass(LEASE * 2)
    run("work", 0)

    event.refresh_from_db()
    assert (event.status, sink.mails) == (Status.DONE, [])


def test_an_older_release_saves_and_inserts_every_kind_of_row_and_leaves_what_it_does_not_know(
    last_migration: str, sink: Sink, alice: User
) -> None:
    up_to_the_mail(ship(alice))
    ChannelPause.begin("email", timedelta(0), "away")
    Heartbeat.beat("relay")
    InboxState.touch(alice)
    Mute.objects.create(person=alice, subject="order:8")
    NotificationPreference.objects.create(person=alice, cadences={"orders": "daily"})
    SuppressedAddress.objects.create(address="gone@people.example")

    for older in tables_known_to(last_migration):
        unknown = _unknown_to(older)
        before = _values(older, unknown)
        assert before, f"there is no {older.__name__} to save"
        for row in older._default_manager.all():
            row.save()
        assert _values(older, unknown) == before
    write_anew(last_migration)


def write_anew(last_migration: str) -> None:
    """Replace every row by what the older release would have inserted: the columns that it knows."""
    rows = [(older, list(older._default_manager.all())) for older in tables_known_to(last_migration)]
    with connection.constraint_checks_disabled():  # MariaDB would check every statement
        for older, _ in rows:
            older._default_manager.all()._raw_delete(connection.alias)
        for older, those in rows:
            older._default_manager.bulk_create(those)


def claim(last_migration: str) -> int:
    """Lease what is due, as a worker of the older release does; return how many rows."""
    leased = {
        "status": Status.RUNNING,
        "attempts": F("attempts") + 1,
        "lease_token": uuid.uuid4(),
        "due_at": Now() + LEASE,
    }
    return sum(
        older._default_manager.filter(due_at__lte=Now()).update(**leased)
        for older in tables_known_to(last_migration)
        if "due_at" in _fields(older)
    )


def _values(older: type[Model], names: set[str]) -> dict[Any, dict[str, Any]]:
    newest = apps.get_model("clarion", older.__name__)
    return {row["pk"]: row for row in newest._default_manager.values("pk", *names)}


def _unknown_to(older: type[Model]) -> set[str]:
    return _fields(apps.get_model("clarion", older.__name__)) - _fields(older)


def _fields(model: type[Model]) -> set[str]:
    return {field.name for field in model._meta.concrete_fields}
