"""What changes inboxes is announced: once for many people, and not at all where nobody carries it."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import transaction
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from clarion.bus import get_event_bus
from clarion.inbox.service import EVERYTHING, NotificationService
from clarion.models import NotificationPreference
from clarion.realtime.announcement import announce
from clarion.realtime.broadcaster import get_broadcaster
from clarion.testing import commit
from tests.integration.conftest import MakePerson
from tests.integration.inbox.items import give
from tests.integration.orders import ship
from tests.integration.realtime.broadcasters import POSTGRES, RECORDING

service = NotificationService()


@pytest.mark.usefixtures("transactional_db")
def test_those_who_are_told_in_one_go_are_announced_in_one(
    announced: list[set[str]], make_person: MakePerson
) -> None:
    people = [make_person() for _ in range(30)]
    ship(*people)
    assert announced == [{str(person.pk) for person in people}]


@pytest.mark.usefixtures("transactional_db")
def test_whoever_wants_nothing_in_the_app_is_not_announced(
    announced: list[set[str]], alice: User, bob: User
) -> None:
    NotificationPreference.objects.create(person=bob, categories={"orders": "email"})
    ship(alice, bob)
    assert announced == [{str(alice.pk)}]


@pytest.mark.usefixtures("transactional_db")
@pytest.mark.parametrize("withdraw", ["retract", "resolve"])
def test_those_from_whom_something_is_taken_back_are_announced(
    withdraw: str, announced: list[set[str]], alice: User, bob: User
) -> None:
    event = ship(alice, bob)
    announced.clear()
    bus = get_event_bus()
    with commit():
        if withdraw == "retract":
            bus.retract(event)
        else:
            bus.resolve("order:7")
    assert announced == [{str(alice.pk), str(bob.pk)}]


@pytest.mark.parametrize(
    "action",
    [
        lambda person: service.mark_read(person, EVERYTHING),
        lambda person: service.mark_seen(person, EVERYTHING),
        lambda person: service.archive(person, EVERYTHING),
        lambda person: service.snooze(person, EVERYTHING, timezone.now() + timedelta(hours=1)),
        lambda person: service.undo(person, service.mark_read(person, EVERYTHING)),
        lambda person: (service.mark_read(person, EVERYTHING), service.mark_unread(person, EVERYTHING)),
        lambda person: service.mute(person, "order:1"),
    ],
    ids=["read", "seen", "archive", "snooze", "undo", "unread", "mute"],
)
def test_what_a_person_does_is_announced_to_their_other_tabs(
    action: object, announced: list[set[str]], alice: User
) -> None:
    give(alice, 3)
    assert callable(action)
    action(alice)
    assert announced
    assert all(keys == {str(alice.pk)} for keys in announced)


def test_what_changes_nothing_is_not_announced(announced: list[set[str]], alice: User) -> None:
    service.mark_all_as_read(alice)
    assert announced == []


def test_nobody_is_announced_to_nobody(announced: list[set[str]]) -> None:
    announce([])
    assert announced == []


def test_where_pages_poll_an_announcement_costs_nothing(
    db: None, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0), transaction.atomic(savepoint=False):
        announce(range(10_000))


@pytest.mark.parametrize(
    ("realtime", "message"),
    [
        ({"BACKEND": "nowhere.Broadcaster"}, "'nowhere.Broadcaster' cannot be imported"),
        ({"BACKEND": "django.http.HttpResponse"}, "is not a subclass of clarion.realtime.broadcaster"),
        (RECORDING | {"OPTIONS": {"colour": "red"}}, "unexpected keyword argument 'colour'"),
        ({"BACKEND": "clarion.contrib.redis.broadcaster.RedisBroadcaster"}, "'url'"),
    ],
)
def test_a_broadcaster_that_is_none_is_refused(
    realtime: dict[str, object], message: str, settings: Settings, db: None
) -> None:
    settings.CLARION = {**settings.CLARION, "REALTIME": realtime}
    with pytest.raises(ImproperlyConfigured, match=r"CLARION\['REALTIME'\]") as caught:
        get_broadcaster()
    assert message in str(caught.value)
    with pytest.raises(SystemCheckError, match=r"clarion\.E012"):
        call_command("check")


def test_postgresql_s_broadcaster_is_refused_on_another_database(settings: Settings, db: None) -> None:
    settings.CLARION = {**settings.CLARION, "REALTIME": POSTGRES}
    if settings.DATABASES["default"]["ENGINE"].endswith("postgresql"):
        call_command("check")
        return
    with pytest.raises(SystemCheckError, match=r"clarion\.E401"):
        call_command("check")
