"""The inbox page: what a person finds there, and what they can do."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from clarion.models import AppNotification
from tests.integration.inbox.items import give
from tests.integration.orders import ship, take_back

INBOX = "/notifications/"
CHANGE = "/notifications/change/"


@pytest.fixture
def browser(client: Client, alice: User) -> Client:
    """A browser in which Alice is signed in."""
    client.force_login(alice)
    return client


def read(browser: Client, path: str = INBOX) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def act(browser: Client, action: str, *items: AppNotification | int, **data: Any) -> Any:
    """Press a button of an item."""
    ids = ",".join(str(item if isinstance(item, int) else item.pk) for item in items)
    return browser.post(CHANGE, {"action": action, "ids": ids} | data)


def told_by(page: str) -> str:
    """What the page says of the change that led to it."""
    found = re.search(r'class="clarion-notice"><span>([^<]+)<', page)
    return found[1] if found else ""


def titles(page: str) -> list[str]:
    return re.findall(r">\s*(News \d+)\s*</(?:h2|a)>", page)


def test_an_item_has_a_link_a_message_a_time_and_its_reason(browser: Client, alice: User) -> None:
    ship(alice, item="Kite")
    page = read(browser)
    item = AppNotification.objects.get()
    assert f'<a href="{INBOX}{item.pk}/">Shipped: Kite</a>' in page
    assert "Kite is on its way." in page
    assert f'<time datetime="{item.created_at.isoformat()}">' in page
    assert "Because you follow this order" in page


def test_opening_an_item_reads_it_and_leads_to_where_it_happened(browser: Client, alice: User) -> None:
    ship(alice, item="Kite")
    item = AppNotification.objects.get()
    assert browser.get(f"{INBOX}{item.pk}/")["Location"] == "/orders/7/"
    item.refresh_from_db()
    assert item.is_read
    assert item.seen_at is not None


def test_an_item_without_a_link_has_a_page_of_its_own(browser: Client, alice: User) -> None:
    take_back([alice], [])
    item = AppNotification.objects.get()
    page = read(browser, f"{INBOX}{item.pk}/")
    assert "Kite came back." in page
    item.refresh_from_db()
    assert item.is_read


@pytest.mark.parametrize(
    "headers", [{"sec-purpose": "prefetch;prerender"}, {"purpose": "prefetch"}, {"sec-fetch-dest": "image"}]
)
def test_what_a_browser_fetches_on_its_own_is_not_read(
    browser: Client, alice: User, headers: dict[str, str]
) -> None:
    (item,) = give(alice, link="/orders/7/")
    assert browser.get(f"{INBOX}{item.pk}/", headers=headers).status_code == 302
    assert browser.head(f"{INBOX}{item.pk}/").status_code == 302
    item.refresh_from_db()
    assert not item.is_read


@pytest.mark.parametrize("link", ["javascript:alert(1)", "//evil.example/", "data:text/html,x"])
def test_a_link_that_could_do_harm_leads_nowhere(browser: Client, alice: User, link: str) -> None:
    (item,) = give(alice, link=link)
    page = read(browser, f"{INBOX}{item.pk}/")
    assert "News 1" in page
    assert link not in page + read(browser)


def test_markup_in_data_is_shown_as_text(browser: Client, alice: User) -> None:
    ship(alice, item="<script>alert('kite')</script>")
    page = read(browser)
    assert "<script>" not in page
    assert "&lt;script&gt;alert(" in page


def test_unread_is_said_in_words_and_not_by_colour_alone(browser: Client, alice: User) -> None:
    unread, seen = give(alice, 2)
    seen.mark_as_read()
    page = read(browser)
    assert page.count('<span class="clarion-tag">Unread</span>') == 1
    assert page.count('value="read" data-slot="read"') == 1
    assert 'aria-label="Mark as read: News 1"' in page
    assert unread.pk < seen.pk


def test_every_button_says_which_item_it_is_for(browser: Client, alice: User) -> None:
    give(alice)
    page = read(browser)
    for name in ("Mark as read", "Archive", "More"):
        assert f'aria-label="{name}: News 1"' in page


def test_nobody_sees_what_others_were_told(browser: Client, alice: User, bob: User) -> None:
    give(bob, title="For Bob alone")
    page = read(browser)
    assert "For Bob alone" not in page
    assert "You have no notifications yet." in page


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


def test_a_moment_of_one_s_own_is_in_the_zone_of_one_s_browser(browser: Client, alice: User) -> None:
    (item,) = give(alice)
    tomorrow = (timezone.now() + timedelta(days=1)).date()
    act(browser, "snooze", item, until=f"{tomorrow}T09:30", zone="Asia/Tokyo")
    item.refresh_from_db()
    assert item.snoozed_until is not None
    assert f"{item.snoozed_until:%H:%M}" == "00:30"


@pytest.mark.parametrize("until", ["", "soon", "2001-01-01T09:00", "9999-12-31T09:00", "2026-02-30T09:00"])
def test_a_moment_that_cannot_be_is_refused(browser: Client, alice: User, until: str) -> None:
    (item,) = give(alice)
    answer = act(browser, "snooze", item, until=until)
    assert answer.status_code == 400
    assert "This moment cannot be chosen" in answer.content.decode()


def test_what_is_back_from_a_snooze_is_on_the_first_page(browser: Client, alice: User) -> None:
    items = give(alice, 70)
    AppNotification.objects.filter(pk=items[0].pk).update(snoozed_until=timezone.now())
    page = read(browser)
    assert titles(page)[0] == "News 1"
    assert page.count("Back from snooze") == 1


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


def test_what_is_mandatory_offers_no_way_to_turn_it_off(browser: Client, alice: User) -> None:
    (item,) = give(alice, event_type="account.locked")
    assert "This kind cannot be turned off: everyone concerned must be told." in read(browser)
    assert act(browser, "off", item).status_code == 400
    for token in ("choice.account.locked.none", "choice.no.such.none", "choice.order.shipped.loud", "x", ""):
        assert browser.post(f"{INBOX}undo/", {"undo": token}).status_code == 400


def test_words_and_a_category_narrow_the_list(browser: Client, alice: User) -> None:
    give(alice, 2)
    give(alice, title="News 9", event_type="account.locked")
    assert titles(read(browser, f"{INBOX}?q=news+2")) == ["News 2"]
    assert titles(read(browser, f"{INBOX}?category=account")) == ["News 9"]
    assert "Nothing matches." in read(browser, f"{INBOX}?q=%00")


def test_the_id_of_someone_else_is_as_good_as_none(browser: Client, bob: User) -> None:
    (other,) = give(bob)
    for action in ("read", "archive", "off", "mute", "snooze:hour"):
        foreign, missing = act(browser, action, other), act(browser, action, other.pk + 1)
        assert (foreign.status_code, missing.status_code) == (404, 404)
        assert foreign.content == missing.content
    other.refresh_from_db()
    assert not other.is_read
    assert other.archived_at is None


def test_an_id_that_no_database_can_hold_is_not_found(browser: Client) -> None:
    assert act(browser, "read", 10**30).status_code == 404
    assert browser.get(f"{INBOX}{10**30}/").status_code == 404


@pytest.mark.parametrize("ids", ["", "x", "1,", "-1", "1,2,x", "٣", ",".join(["1"] * 1001)])
def test_ids_that_no_page_gave_are_refused(browser: Client, ids: str) -> None:
    assert browser.post(CHANGE, {"action": "read", "ids": ids}).status_code == 400


@pytest.mark.parametrize("action", ["", "burn", "READ", "snooze:never"])
def test_an_action_that_there_is_not_is_refused(browser: Client, alice: User, action: str) -> None:
    (item,) = give(alice)
    assert act(browser, action, item).status_code == 400


def test_a_script_gets_its_answer_as_json(browser: Client, alice: User) -> None:
    (item,) = give(alice)
    headers = {"accept": "application/json"}
    answer = browser.post(CHANGE, {"action": "archive", "ids": item.pk}, headers=headers).json()
    assert (answer["notice"], answer["count"]) == ("Archived.", 1)
    refused = browser.post(CHANGE, {"action": "archive", "ids": item.pk + 1}, headers=headers)
    assert (refused.status_code, list(refused.json())) == (404, ["problem"])


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


def test_a_post_without_its_csrf_token_changes_nothing(alice: User) -> None:
    (item,) = give(alice)
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(alice)
    for path in (CHANGE, f"{INBOX}undo/", f"{INBOX}unmute/", f"{INBOX}shortcuts/"):
        assert browser.post(path, {"action": "read", "ids": item.pk}).status_code == 403
    item.refresh_from_db()
    assert not item.is_read


def test_a_post_without_its_csrf_token_is_told_what_is_missing(alice: User, settings: Settings) -> None:
    settings.DEBUG = False
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(alice)
    page = browser.post(CHANGE, {"action": "read", "ids": "1"}).content.decode()
    assert "<p>CSRF verification failed. Request aborted.</p>" in page  # Django's own page
    assert "re-enable them" in page  # cookies, as the next step
    assert "Traceback" not in page


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


@pytest.mark.parametrize("path", [INBOX, f"{INBOX}?state=unread", f"{INBOX}preferences/"])
def test_a_visitor_is_sent_to_sign_in_and_then_back(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/admin/login/?next=/notifications/")
    assert ("state%3Dunread" in answer["Location"]) == ("state=unread" in path)


@pytest.mark.parametrize("path", [CHANGE, f"{INBOX}undo/", f"{INBOX}shortcuts/"])
def test_a_visitor_who_posts_is_sent_to_sign_in_and_then_to_the_inbox(client: Client, path: str) -> None:
    assert client.post(path)["Location"] == f"/admin/login/?next={INBOX}"


@pytest.mark.parametrize(
    ("language", "direction", "heading"),
    [("en", "ltr", "Notifications"), ("de", "ltr", "Benachrichtigungen"), ("ar", "rtl", "الإشعارات")],
)
def test_the_page_speaks_the_readers_language(
    browser: Client, language: str, direction: str, heading: str
) -> None:
    page = browser.get(INBOX, headers={"accept-language": language}).content.decode()
    assert f'<html lang="{language}" dir="{direction}">' in page
    assert re.search(rf"<h1[^>]*>{heading}</h1>", page)


def test_titles_keep_their_own_direction(browser: Client, alice: User) -> None:
    give(alice, title="منتج جديد")
    assert re.search(r'<h2[^>]* dir="rtl"><a [^>]*>منتج جديد', read(browser))


def test_pages_are_kept_by_no_cache(browser: Client) -> None:
    assert "no-store" in browser.get(INBOX)["Cache-Control"]


@pytest.mark.parametrize("query", ["done=You+have+won", "done=read&count=x", f"done=read&count={10**12}"])
def test_a_notice_that_nobody_wrote_is_not_shown(browser: Client, query: str) -> None:
    assert told_by(read(browser, f"{INBOX}?{query}")) == ""


def test_single_key_shortcuts_can_be_turned_off(browser: Client, alice: User) -> None:
    assert "data-shortcuts" in read(browser)
    browser.post(f"{INBOX}shortcuts/", {})
    assert "data-shortcuts" not in read(browser)
    browser.post(f"{INBOX}shortcuts/", {"on": "1"})
    assert "data-shortcuts" in read(browser)
