"""The inbox page: what a person finds there, and what they can do."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from clarion.models import AppNotification
from tests.integration.inbox.items import give
from tests.integration.orders import ship, take_back

INBOX = "/notifications/"


@pytest.fixture
def browser(client: Client, alice: User) -> Client:
    """A browser in which Alice is signed in."""
    client.force_login(alice)
    return client


def read(browser: Client, path: str = INBOX) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def titles(page: str) -> list[str]:
    return re.findall(r">\s*(News \d+)\s*</(?:h2|a)>", page)


def test_an_item_has_a_link_a_message_a_time_and_its_reason(browser: Client, alice: User) -> None:
    ship(alice, item="Kite")
    page = read(browser)
    item = AppNotification.objects.get()
    assert '<a href="/orders/7/">Shipped: Kite</a>' in page
    assert "Kite is on its way." in page
    assert f'<time datetime="{item.created_at.isoformat()}">' in page
    assert "Because you follow this order" in page


def test_an_item_without_a_link_is_plain_text(browser: Client, alice: User) -> None:
    take_back([alice], [])
    page = read(browser)
    assert "Returned: Kite" in page
    assert not re.search(r"<a [^>]*>Returned", page)


@pytest.mark.parametrize("link", ["javascript:alert(1)", "//evil.example/", "data:text/html,x"])
def test_a_link_that_could_do_harm_is_not_offered(browser: Client, alice: User, link: str) -> None:
    give(alice, link=link)
    page = read(browser)
    assert "News 1" in page
    assert link not in page


def test_markup_in_data_is_shown_as_text(browser: Client, alice: User) -> None:
    ship(alice, item="<script>alert('kite')</script>")
    page = read(browser)
    assert "<script" not in page
    assert "&lt;script&gt;alert(" in page


def test_unread_is_said_in_words_and_not_by_colour_alone(browser: Client, alice: User) -> None:
    unread, seen = give(alice, 2)
    seen.mark_as_read()
    page = read(browser)
    assert page.count('<span class="clarion-tag">Unread</span>') == 1
    assert page.count(">Mark as read<") == 1
    assert f'action="{reverse("clarion:mark_read", args=[unread.pk])}"' in page


def test_a_button_says_which_item_it_is_for(browser: Client, alice: User) -> None:
    give(alice)
    assert 'aria-label="Mark as read: News 1">Mark as read</button>' in read(browser)


def test_nobody_sees_what_others_were_told(browser: Client, alice: User, bob: User) -> None:
    give(bob, title="For Bob alone")
    page = read(browser)
    assert "For Bob alone" not in page
    assert "You have no notifications yet." in page


def test_marking_one_as_read_leaves_the_others(browser: Client, alice: User) -> None:
    first, second = give(alice, 2)
    answer = browser.post(reverse("clarion:mark_read", args=[first.pk]), follow=True)
    assert answer.redirect_chain == [(INBOX, 302)]
    assert re.search(r'role="status">\s*<p>Marked as read\.</p>', answer.content.decode())
    first.refresh_from_db()
    second.refresh_from_db()
    assert first.is_read
    assert first.read_at is not None
    assert not second.is_read


def test_marking_as_read_twice_keeps_the_first_time(browser: Client, alice: User) -> None:
    (item,) = give(alice)
    browser.post(reverse("clarion:mark_read", args=[item.pk]))
    item.refresh_from_db()
    first_time = item.read_at
    assert browser.post(reverse("clarion:mark_read", args=[item.pk])).status_code == 302
    item.refresh_from_db()
    assert item.read_at == first_time


def test_marking_all_as_read_touches_nobody_elses(browser: Client, alice: User, bob: User) -> None:
    give(alice, 3)
    (other,) = give(bob)
    page = browser.post(reverse("clarion:mark_all_read"), follow=True).content.decode()
    assert "Everything is marked as read." in page
    assert "Mark all as read" not in page
    assert not AppNotification.objects.filter(person=alice, is_read=False).exists()
    other.refresh_from_db()
    assert not other.is_read


def test_the_id_of_someone_else_is_as_good_as_none(browser: Client, bob: User) -> None:
    (other,) = give(bob)
    foreign = browser.post(reverse("clarion:mark_read", args=[other.pk]))
    missing = browser.post(reverse("clarion:mark_read", args=[other.pk + 1]))
    assert (foreign.status_code, missing.status_code) == (404, 404)
    assert foreign.content == missing.content
    assert f'<a href="{INBOX}">' in foreign.content.decode()
    other.refresh_from_db()
    assert not other.is_read


def test_an_id_that_no_database_can_hold_is_not_found(browser: Client) -> None:
    assert browser.post(f"{INBOX}{10**30}/read/").status_code == 404


def test_following_a_link_changes_nothing(browser: Client, alice: User) -> None:
    (item,) = give(alice)
    assert browser.get(INBOX).status_code == 200
    assert browser.get(f"{INBOX}?unread=1").status_code == 200
    for path in (reverse("clarion:mark_read", args=[item.pk]), reverse("clarion:mark_all_read")):
        assert browser.get(path).status_code == 405
        assert browser.head(path).status_code == 405
    item.refresh_from_db()
    assert not item.is_read


def test_a_post_without_its_csrf_token_changes_nothing(alice: User) -> None:
    (item,) = give(alice)
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(alice)
    for path in (reverse("clarion:mark_read", args=[item.pk]), reverse("clarion:mark_all_read")):
        assert browser.post(path).status_code == 403
    item.refresh_from_db()
    assert not item.is_read


def test_after_marking_one_returns_to_the_page_one_came_from(browser: Client, alice: User) -> None:
    (item,) = give(alice)
    back = f"{INBOX}?unread=1&size=7"
    answer = browser.post(reverse("clarion:mark_read", args=[item.pk]), {"next": back})
    assert answer["Location"] == back


@pytest.mark.parametrize(
    "evil", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "\\\\evil.example", ""]
)
def test_marking_never_leads_off_the_site(browser: Client, alice: User, evil: str) -> None:
    (item,) = give(alice)
    answer = browser.post(reverse("clarion:mark_read", args=[item.pk]), {"next": evil})
    assert answer["Location"] == INBOX


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
    older = re.search(r'rel="next" href="([^"]+)"', read(browser, f"{INBOX}?unread=1"))
    assert older
    assert "unread=1" in older[1]


def test_the_filter_shows_what_is_unread_and_says_which_is_on(browser: Client, alice: User) -> None:
    seen, _ = give(alice, 2)
    seen.mark_as_read()
    everything, unread = read(browser), read(browser, f"{INBOX}?unread=1")
    assert titles(everything) == ["News 2", "News 1"]
    assert titles(unread) == ["News 2"]
    assert re.search(r'aria-current="page">All<', everything)
    assert re.search(r'aria-current="page">Unread \(1\)<', unread)


def test_a_person_who_has_read_everything_is_told_so(browser: Client, alice: User) -> None:
    (item,) = give(alice)
    item.mark_as_read()
    assert "You have read everything." in read(browser, f"{INBOX}?unread=1")


@pytest.mark.parametrize(
    "query",
    [
        *("cursor=x", "cursor=-1", "cursor=1e3", "cursor=٣", f"cursor={10**30}", "cursor=1%00"),
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
    # Session, user, page, unread count.
    with django_assert_num_queries(4):
        read(browser)
    give(alice, 150)
    with django_assert_num_queries(4):
        assert len(titles(read(browser, f"{INBOX}?size=100"))) == 100


@pytest.mark.parametrize("path", [INBOX, f"{INBOX}?unread=1", f"{INBOX}preferences/"])
def test_a_visitor_is_sent_to_sign_in_and_then_back(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/admin/login/?next=/notifications/")
    assert ("unread%3D1" in answer["Location"]) == ("unread=1" in path)


@pytest.mark.parametrize("path", [f"{INBOX}read/", f"{INBOX}1/read/"])
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
    assert f"<h1>{heading}</h1>" in page


def test_titles_keep_their_own_direction(browser: Client, alice: User) -> None:
    give(alice, title="منتج جديد")
    assert re.search(r'<h2[^>]* dir="auto">\s*منتج جديد', read(browser))


def test_pages_are_kept_by_no_cache(browser: Client) -> None:
    assert "no-store" in browser.get(INBOX)["Cache-Control"]


def test_a_project_without_messages_learns_of_changes_too(
    browser: Client, alice: User, settings: Settings
) -> None:
    messages = "django.contrib.messages.middleware.MessageMiddleware"
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if name != messages]
    (item,) = give(alice)
    path = reverse("clarion:mark_read", args=[item.pk])
    answer = browser.post(path, {"next": f"{INBOX}?unread=1&done=saved"}, follow=True)
    assert answer.redirect_chain == [(f"{INBOX}?unread=1&done=read", 302)]
    assert '<p class="clarion-notice" role="status">Marked as read.</p>' in answer.content.decode()


def test_a_notice_that_nobody_wrote_is_not_shown(browser: Client) -> None:
    assert 'role="status"' not in read(browser, f"{INBOX}?done=You+have+won")
