"""The list of the inbox page: what is in it, narrowed and leafed through."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from clarion.models import AppNotification
from tests.integration.inbox.items import give
from tests.integration.inbox.page.browser import CHANGE, INBOX, act, read, titles


def test_nobody_sees_what_others_were_told(browser: Client, alice: User, bob: User) -> None:
    give(bob, title="For Bob alone")
    page = read(browser)
    assert "For Bob alone" not in page
    assert "You have no notifications yet." in page


def test_archived_and_snoozed_items_have_lists_of_their_own(browser: Client, alice: User) -> None:
    archived, snoozed, _ = give(alice, 3)
    act(browser, "archive", archived)
    act(browser, "snooze:hour", snoozed)
    assert titles(read(browser)) == ["News 3"]
    assert titles(read(browser, f"{INBOX}?state=archived")) == ["News 1"]
    assert titles(read(browser, f"{INBOX}?state=snoozed")) == ["News 2"]
    act(browser, "unarchive", archived)
    act(browser, "unsnooze", snoozed)
    assert titles(read(browser)) == ["News 3", "News 2", "News 1"]


def test_what_is_back_from_a_snooze_is_on_the_first_page(browser: Client, alice: User) -> None:
    items = give(alice, 70)
    AppNotification.objects.filter(pk=items[0].pk).update(snoozed_until=timezone.now())
    page = read(browser)
    assert titles(page)[0] == "News 1"
    assert page.count("Back from snooze") == 1


def test_words_and_a_category_narrow_the_list(browser: Client, alice: User) -> None:
    give(alice, 2)
    give(alice, title="News 9", event_type="account.locked")
    assert titles(read(browser, f"{INBOX}?q=news+2")) == ["News 2"]
    assert titles(read(browser, f"{INBOX}?category=account")) == ["News 9"]
    assert "Nothing matches." in read(browser, f"{INBOX}?q=%00")


def test_looking_changes_nothing(browser: Client, alice: User) -> None:
    (item,) = give(alice)
    for path in (INBOX, f"{INBOX}?state=unread", f"{INBOX}popover/", f"{INBOX}news/?after=0"):
        assert browser.get(path).status_code == 200
    for path in (CHANGE, f"{INBOX}undo/", f"{INBOX}unmute/", f"{INBOX}shortcuts/"):
        assert browser.get(path).status_code == 405
        assert browser.head(path).status_code == 405
    item.refresh_from_db()
    assert (item.is_read, item.seen_at) == (False, None)


def test_news_are_counted_in_the_list_that_is_shown(browser: Client, alice: User, bob: User) -> None:
    first, _, _ = give(alice, 3)
    give(bob, 5)
    found = browser.get(f"{INBOX}news/?after={first.pk}").json()
    assert found == {"count": 2, "text": "2 new notifications"}
    assert browser.get(f"{INBOX}news/?after={first.pk}&category=account").json()["count"] == 0
    assert browser.get(f"{INBOX}news/?after=x").status_code == 400


def test_pages_hold_every_item_once_newest_first(browser: Client, alice: User) -> None:
    give(alice, 45)
    seen: list[str] = []
    path = INBOX
    for _ in range(3):
        page = read(browser, path)
        seen += titles(page)
        older = re.search(r'rel="next" href="([^"]+)"', page)
        path = older[1].replace("&amp;", "&") if older else ""
    assert seen == [f"News {number}" for number in range(45, 0, -1)]
    assert path == ""


def test_the_next_page_keeps_the_filter(browser: Client, alice: User) -> None:
    give(alice, 25)
    older = re.search(r'rel="next" href="([^"]+)"', read(browser, f"{INBOX}?state=unread"))
    assert older
    assert "state=unread" in older[1]


def test_the_filter_shows_what_is_unread_and_says_which_is_on(browser: Client, alice: User) -> None:
    seen, _ = give(alice, 2)
    seen.mark_as_read()
    everything, unread = read(browser), read(browser, f"{INBOX}?state=unread")
    assert titles(everything) == ["News 2", "News 1"]
    assert titles(unread) == ["News 2"]
    assert re.search(r'aria-current="page">All<', everything)
    assert re.search(r'aria-current="page">Unread<span data-clarion-unread> \(1\)<', unread)


def test_a_person_who_has_read_everything_is_told_so(browser: Client, alice: User) -> None:
    (item,) = give(alice)
    item.mark_as_read()
    assert "You have read everything." in read(browser, f"{INBOX}?state=unread")


@pytest.mark.parametrize(
    "query",
    [
        *("cursor=x", "cursor=-1", "cursor=1e3", "cursor=٣", f"cursor={10**30}", "cursor=1%00"),
        *("state=gone", "ids=x", f"ids={'1,' * 1000}1"),
        *("size=0", "size=101", "size=ten", "size=-5", f"size={10**30}", "size="),
    ],
)
def test_a_damaged_address_gets_a_plain_page_with_a_next_step(browser: Client, query: str) -> None:
    answer = browser.get(f"{INBOX}?{query}")
    assert answer.status_code == 400
    page = answer.content.decode()
    assert "There is no such page" in page
    assert f'<a href="{INBOX}">Begin with the newest notifications</a>' in page


def test_the_number_of_queries_does_not_grow_with_the_list(
    browser: Client, alice: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    give(alice, 1)
    # Session, user, page, preference, what is back from a snooze, unread count, state of the inbox.
    with django_assert_num_queries(7):
        read(browser)
    give(alice, 150)
    with django_assert_num_queries(7):
        assert len(titles(read(browser, f"{INBOX}?size=100"))) == 100
