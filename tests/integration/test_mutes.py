"""Mutes: what a person has muted reaches them on no channel, unless it is mandatory."""

import pytest
from django.contrib.auth.models import User
from pytest_django import DjangoAssertNumQueries

from clarion.events import EventTypes
from clarion.models import Mute, NotificationPreference
from clarion.preferences.decision import Decision, Reason, decide
from clarion.preferences.mutes import muted_by

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("channel", ["app", "email"])
def test_a_mute_comes_before_what_was_chosen(channel: str) -> None:
    preference = NotificationPreference(event_types={"order.shipped": "both"})
    event_type = EventTypes.get("order.shipped")
    assert decide(event_type, preference, channel, is_muted=True) == Decision(False, Reason.MUTED)
    assert decide(event_type, preference, channel).allowed


def test_what_is_mandatory_cannot_be_muted() -> None:
    assert decide(EventTypes.get("account.locked"), None, "app", is_muted=True).allowed


def test_who_muted_a_subject_is_asked_once_for_all(
    alice: User, bob: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    Mute.objects.create(person=alice, subject="order:7")
    Mute.objects.create(person=bob, subject="order:8")
    with django_assert_num_queries(1):
        assert muted_by("order:7", [alice.pk, bob.pk]) == {alice.pk}
    with django_assert_num_queries(0):
        assert muted_by("", [alice.pk, bob.pk]) == set()
