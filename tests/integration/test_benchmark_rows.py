"""The copies of rows that `make bench` fills tables with, and measures itself against."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.db.models import Model
from django.utils import timezone

from benchmarks.rows import Copy, delete_expired, fan_out_models, multiply, parents_of
from clarion.models import AppNotification, EmailNotification, EventLog, HandlerRun, NotifiableEvent
from tests.integration.conftest import MakePerson
from tests.integration.orders import ship

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor == "mysql", reason="benchmarks run on PostgreSQL and SQLite"),
]


@pytest.fixture
def people(make_person: MakePerson) -> list[User]:
    """Five of them, with the keys that copies count on."""
    return [make_person(pk=number) for number in range(1, 6)]


@pytest.fixture
def event(people: list[User]) -> EventLog:
    return ship(*people[:2])


def counts() -> dict[type[Model], int]:
    return {model: model._default_manager.count() for model in fan_out_models()}


def test_all_that_hangs_from_an_event_is_found_parents_first() -> None:
    models = fan_out_models()

    assert models[0] is EventLog
    assert {HandlerRun, NotifiableEvent, AppNotification, EmailNotification} < set(models)
    for position, model in enumerate(models):
        parents = {parent for _, parent in parents_of(model)} & set(models)
        assert parents <= set(models[:position])


def test_a_table_is_filled_with_copies_for_everyone_in_turn(event: EventLog) -> None:
    before = counts()

    multiply(fan_out_models(), 4, people=5)

    assert counts() == {model: rows * 5 for model, rows in before.items()}
    # Ten items for five people, two each.
    assert sorted(AppNotification.objects.values_list("person", flat=True)) == sorted([1, 2, 3, 4, 5] * 2)
    for item in AppNotification.objects.select_related("event__event_log"):
        assert item.person_id == item.event.person_id
        assert item.event.event_log is not None
    assert ship().pk > event.pk + 4, "what comes next has a key of its own"


def test_the_rows_of_one_event_are_written_once_more_under_other_keys(event: EventLog) -> None:
    ship()
    ours = Copy(fan_out_models(), EventLog, event.pk)

    ours.write()
    ours.done()

    copy = EventLog.objects.latest("pk")
    assert (EventLog.objects.count(), copy.payload) == (3, event.payload)
    for told in (event, copy):
        assert sorted(told.notifiable_events.values_list("person", flat=True)) == [1, 2]
        assert AppNotification.objects.filter(event__event_log=told).count() == 2
    assert ship().pk > copy.pk


def test_only_what_is_past_its_time_is_deleted(event: EventLog, people: list[User]) -> None:
    kept = {model: set(model._default_manager.values_list("pk", flat=True)) for model in fan_out_models()}
    ship(*people)
    for model, keys in kept.items():
        rows = model._default_manager.exclude(pk__in=keys)
        rows.update(delete_at=timezone.now() - timedelta(seconds=5))

    delete_expired(fan_out_models(), batch=2)

    for model, keys in kept.items():
        assert set(model._default_manager.values_list("pk", flat=True)) == keys
