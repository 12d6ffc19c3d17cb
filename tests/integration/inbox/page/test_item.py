"""An item on the inbox page: what it says, and where it leads."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client

from clarion.models import AppNotification
from tests.integration.inbox.items import give
from tests.integration.inbox.page.browser import INBOX, read
from tests.integration.orders import ship, take_back


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


def test_titles_keep_their_own_direction(browser: Client, alice: User) -> None:
    give(alice, title="منتج جديد")
    assert re.search(r'<h2[^>]* dir="rtl"><a [^>]*>منتج جديد', read(browser))
