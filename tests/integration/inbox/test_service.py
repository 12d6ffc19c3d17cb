"""NotificationService: every look-up is the person's own."""

import pytest
from django.contrib.auth.models import User
from pytest_django import DjangoAssertNumQueries

from clarion.exceptions import InvalidCursor
from clarion.inbox.service import NotificationService
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
