"""Mutes: what a person has muted reaches them on no channel, unless it is mandatory."""

import pytest
from django.contrib.auth.models import User
from pytest_django import DjangoAssertNumQueries

from clarion.events import EventTypes
from clarion.inbox.service import NotificationService
from clarion.models import AppNotification, EmailNotification, Mute, NotificationPreference
from clarion.preferences.decision import Decision, Reason, decide
from clarion.preferences.mutes import mutes_of
from tests.integration.orders import ship

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("channel", ["app", "email"])
def test_a_mute_comes_before_what_was_chosen(channel: str) -> None:
    preference = NotificationPreference(event_types={"order.shipped": "both"})
    event_type = EventTypes.get("order.shipped")
    assert decide(event_type, preference, channel, is_muted=True) == Decision(False, Reason.MUTED)
    assert decide(event_type, preference, channel).allowed


def test_what_is_mandatory_cannot_be_muted() -> None:
    assert decide(EventTypes.get("account.locked"), None, "app", is_muted=True).allowed


def test_who_muted_an_order_hears_nothing_of_it_and_the_row_says_why(alice: User, bob: User) -> None:
    NotificationService().mute(alice, "order:7")

    event = ship(alice, bob)

    told = event.notifiable_events.get(person=alice)
    assert told.outcomes == {"app": "skipped:muted", "email": "skipped:muted"}
    assert [item.person for item in AppNotification.objects.all()] == [bob]
    assert [mail.person for mail in EmailNotification.objects.all()] == [bob]


def test_another_order_is_told_of(alice: User) -> None:
    NotificationService().mute(alice, "order:7")
    ship(alice, order_id=8)
    assert AppNotification.objects.filter(person=alice).exists()


def test_who_muted_a_subject_is_asked_once_for_all(
    alice: User, bob: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    Mute.objects.create(person=alice, subject="order:7")
    Mute.objects.create(person=bob, subject="order:8")
    with django_assert_num_queries(1):
        assert mutes_of([alice.pk, bob.pk], ["order:7", ""]) == {(alice.pk, "order:7")}
    with django_assert_num_queries(0):
        assert mutes_of([alice.pk, bob.pk], [""]) == set()
