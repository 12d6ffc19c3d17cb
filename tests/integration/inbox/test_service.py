"""NotificationService: every look-up is the person's own."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import User
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from clarion.exceptions import InvalidCursor
from clarion.inbox.listing import Listing, State
from clarion.inbox.page import Page, page_of
from clarion.inbox.service import Counts, NotificationService
from clarion.models import AppNotification
from tests.integration.inbox.items import give
from tests.integration.orders import ship

service = NotificationService()


def test_unread_notifications_are_the_persons_own_newest_first(alice: User, bob: User) -> None:
    first, second, third = give(alice, 3)
    give(bob)
    second.mark_as_read()
    assert list(service.get_unread_notifications(alice)) == [third, first]
    assert service.get_unread_count(alice) == 2


def test_recent_notifications_are_the_latest_read_or_not(alice: User) -> None:
    items = give(alice, 7)
    items[-1].mark_as_read()
    assert list(service.get_recent_notifications(alice)) == items[:1:-1]


def test_pages_lead_through_all_notifications(alice: User) -> None:
    items = give(alice, 5)
    first = service.get_notifications(alice, size=3)
    second = service.get_notifications(alice, cursor=first.next_cursor, size=3)
    assert [*first.items, *second.items] == items[::-1]
    assert second.next_cursor == ""


def test_what_arrives_meanwhile_moves_nothing_on_the_next_page(alice: User) -> None:
    items = give(alice, 4)
    first = service.get_notifications(alice, size=2)
    give(alice, 2)
    assert list(service.get_notifications(alice, cursor=first.next_cursor, size=2).items) == items[1::-1]


@pytest.mark.parametrize("cursor", ["x", "-1", " 1", "1.0", "9" * 19])
def test_a_cursor_that_no_page_gave_is_refused(alice: User, cursor: str) -> None:
    with pytest.raises(InvalidCursor, match="begin at the first page"):
        service.get_notifications(alice, cursor=cursor)


@pytest.mark.parametrize("size", [0, -1, 101])
def test_a_page_size_out_of_range_is_refused(alice: User, size: int) -> None:
    with pytest.raises(InvalidCursor, match="1 to 100"):
        service.get_notifications(alice, size=size)


def test_marking_as_read_says_whether_the_person_has_such_a_notification(alice: User, bob: User) -> None:
    (item,) = give(alice)
    assert not service.mark_notification_as_read(item.pk, bob)
    assert service.get_unread_count(alice) == 1
    assert service.mark_notification_as_read(item.pk, alice)
    assert service.mark_notification_as_read(item.pk, alice)
    assert service.get_unread_count(alice) == 0


def test_marking_all_as_read_says_how_many_were_not(alice: User) -> None:
    items = give(alice, 3)
    items[0].mark_as_read()
    assert service.mark_all_as_read(alice) == 2
    assert service.mark_all_as_read(alice) == 0


def test_the_history_of_emails_is_the_persons_own(alice: User, bob: User) -> None:
    ship(alice, bob)
    (mail,) = service.get_email_history(alice).items
    assert mail.address == alice.email


def test_a_count_with_a_limit_stops_there(
    alice: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    give(alice, 8)
    with django_assert_num_queries(1):
        assert service.get_unread_count(alice, limit=5) == 5
    assert service.get_unread_count(alice, limit=0) == 0


def test_a_count_is_the_persons_own_at_the_moment_it_is_asked(alice: User, bob: User) -> None:
    give(alice, 3)
    give(bob)
    kept = give(alice)[0]
    until = timezone.now() + timedelta(hours=1)
    service.snooze(alice, kept.pk, until)
    assert (service.get_unread_count(alice), service.get_unread_count(bob)) == (3, 1)

    with time_machine.travel(until + timedelta(minutes=1)):
        assert service.get_unread_count(alice) == 4


def test_counts_agree_with_the_lists_they_count(alice: User) -> None:
    _new, read, seen, snoozed, archived = (item.pk for item in give(alice, 5))
    service.mark_read(alice, read)
    service.mark_seen(alice, seen)
    service.snooze(alice, snoozed, timezone.now() + timedelta(hours=1))
    service.archive(alice, archived)

    assert service.get_counts(alice) == Counts(unread=2, unseen=1, snoozed=1, archived=1)


def test_whoever_is_not_saved_has_no_notifications(alice: User) -> None:
    give(alice)
    assert service.get_unread_count(User()) == 0


@given(cursor=st.text(max_size=30))
def test_any_text_is_a_cursor_or_is_refused(cursor: str) -> None:
    rows = AppNotification.objects.none()
    if cursor == "" or re.fullmatch("[0-9]{1,18}", cursor):
        assert page_of(rows, cursor, 20) == Page([], "")
    else:
        with pytest.raises(InvalidCursor):
            page_of(rows, cursor, 20)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(count=st.integers(0, 12), size=st.integers(1, 5), read=st.sets(st.integers(0, 11)))
def test_pages_of_any_size_hold_every_notification_once(
    alice: User, count: int, size: int, read: set[int]
) -> None:
    AppNotification.objects.all().delete()
    items = give(alice, count)
    AppNotification.objects.filter(pk__in=[items[i].pk for i in read if i < count]).update(is_read=True)
    for state in (State.ALL, State.UNREAD):
        found, cursor = [], ""
        while True:
            page = service.get_notifications(alice, Listing(state), cursor, size)
            assert len(page.items) <= size
            found += [item.pk for item in page.items]
            if not (cursor := page.next_cursor):
                break
        wanted = [item.pk for i, item in enumerate(items) if not (state == State.UNREAD and i in read)]
        assert found == sorted(wanted, reverse=True)
