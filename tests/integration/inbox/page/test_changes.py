"""What is done by the buttons of the inbox page, and how it is undone."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from clarion.models import AppNotification
from tests.integration.inbox.items import give
from tests.integration.inbox.page.browser import CHANGE, INBOX, act, read, titles, told_by
from tests.integration.orders import ship


def test_marking_one_as_read_leaves_the_others(browser: Client, alice: User) -> None:
    first, second = give(alice, 2)
    page = browser.get(act(browser, "read", first)["Location"]).content.decode()
    assert told_by(page) == "Marked as read."
    first.refresh_from_db()
    second.refresh_from_db()
    assert first.is_read
    assert first.read_at is not None
    assert not second.is_read


def test_marking_all_as_read_touches_nobody_elses(browser: Client, alice: User, bob: User) -> None:
    give(alice, 3)
    (other,) = give(bob)
    answer = browser.post(CHANGE, {"action": "read", "all": "1"})
    page = browser.get(answer["Location"]).content.decode()
    assert told_by(page) == "3 notifications marked as read."
    assert not AppNotification.objects.filter(person=alice, is_read=False).exists()
    other.refresh_from_db()
    assert not other.is_read


@pytest.mark.parametrize("action", ["read", "archive", "snooze:tomorrow"])
def test_what_was_done_can_be_undone_by_a_button(browser: Client, alice: User, action: str) -> None:
    items = give(alice, 3)
    page = browser.get(act(browser, action, *items[:2])["Location"]).content.decode()
    undo = re.search(r'name="undo" value="([^"]+)"', page)
    assert undo
    answer = browser.post(f"{INBOX}undo/", {"undo": undo[1]})
    assert told_by(browser.get(answer["Location"]).content.decode()) == "Undone."
    assert titles(read(browser, f"{INBOX}?state=unread")) == ["News 3", "News 2", "News 1"]


def test_a_moment_of_one_s_own_is_in_the_zone_of_one_s_browser(browser: Client, alice: User) -> None:
    (item,) = give(alice)
    tomorrow = (timezone.now() + timedelta(days=1)).date()
    act(browser, "snooze", item, until=f"{tomorrow}T09:30", zone="Asia/Tokyo")
    item.refresh_from_db()
    assert item.snoozed_until is not None
    assert f"{item.snoozed_until:%H:%M}" == "00:30"


def test_a_kind_is_turned_off_from_within_an_item_and_on_again(browser: Client, alice: User) -> None:
    (item,) = give(alice)
    page = browser.get(act(browser, "off", item)["Location"]).content.decode()
    assert "Turn “Order shipped” on again" in page
    ship(alice)
    assert AppNotification.objects.count() == 1
    undo = re.search(r'name="undo" value="([^"]+)"', page)
    assert undo
    browser.post(f"{INBOX}undo/", {"undo": undo[1]})
    ship(alice)
    assert AppNotification.objects.count() == 2


def test_a_script_gets_its_answer_as_json(browser: Client, alice: User) -> None:
    (item,) = give(alice)
    headers = {"accept": "application/json"}
    answer = browser.post(CHANGE, {"action": "archive", "ids": item.pk}, headers=headers).json()
    assert (answer["notice"], answer["count"]) == ("Archived.", 1)
    refused = browser.post(CHANGE, {"action": "archive", "ids": item.pk + 1}, headers=headers)
    assert (refused.status_code, list(refused.json())) == (404, ["problem"])


def test_after_a_change_one_returns_to_the_page_one_came_from(browser: Client, alice: User) -> None:
    (item,) = give(alice)
    back = f"{INBOX}?state=unread&size=7"
    assert act(browser, "read", item, next=back)["Location"].startswith(
        f"{back}&done=read&count=1&undo=read."
    )


@pytest.mark.parametrize(
    "evil", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "\\\\evil.example", ""]
)
def test_a_change_never_leads_off_the_site(browser: Client, alice: User, evil: str) -> None:
    (item,) = give(alice)
    assert act(browser, "read", item, next=evil)["Location"].startswith(f"{INBOX}?done=read")


@pytest.mark.parametrize("query", ["done=You+have+won", "done=read&count=x", f"done=read&count={10**12}"])
def test_a_notice_that_nobody_wrote_is_not_shown(browser: Client, query: str) -> None:
    assert told_by(read(browser, f"{INBOX}?{query}")) == ""
