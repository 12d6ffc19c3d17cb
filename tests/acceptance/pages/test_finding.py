"""Finding a notification among many: by state, category and words, in groups, further down, or not at all."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from clarion.events import AppText
from tests.acceptance.pages.conftest import INBOX, Visit
from tests.acceptance.pages.holding import holding
from tests.acceptance.pages.inbox_page import arrive, notice, row, state, titles, tool, undo
from tests.acceptance.pages.words import counted, said
from tests.integration.happenings import happenings
from tests.integration.inbox.items import give

pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.django_db(transaction=True),
    pytest.mark.proves_most_on("sqlite", reason="pages are the same on every database"),
]


def search(page: Page, words: str) -> None:
    page.get_by_role("searchbox", name=said("Search notifications")).fill(words)
    page.keyboard.press("Enter")


def test_words_a_category_and_a_state_narrow_the_list_together(visit: Visit, alice: User) -> None:
    _, kite, _ = give(alice, 3)
    kite.mark_as_read()
    give(alice, event_type="account.locked", title="Your account is locked")

    def story(page: Page) -> None:
        arrive(page)
        page.get_by_label(said("Category")).select_option("Orders")
        page.get_by_role("button", name=said("Search"), exact=True).click()
        expect(page.get_by_role("article")).to_have_count(3)
        state(page, "Unread").click()
        expect(page.get_by_role("article")).to_have_count(2)
        expect(state(page, "Unread")).to_have_attribute("aria-current", "page")
        search(page, "news 3")
        expect(page.get_by_role("article")).to_have_count(1)
        expect(row(page, "News 3")).to_be_visible()
        search(page, "nowhere")
        expect(page.get_by_text(said("Nothing matches."))).to_be_visible()
        page.get_by_role("link", name=said("Show everything here")).click()
        expect(page.get_by_role("article")).to_have_count(3)
        expect(page.get_by_role("searchbox")).to_have_value("")

    visit(story)


CHANGE = """() => new Promise(seen => {
    document.addEventListener("clarion:count", () => setTimeout(seen), { once: true });
    document.dispatchEvent(new CustomEvent("clarion:change"));
})"""
"""Something changes elsewhere, and the page has seen to it."""


def test_a_link_in_a_list_that_stays_empty_is_not_taken_away_under_the_pointer(visit: Visit) -> None:
    def story(page: Page) -> None:
        arrive(page)
        search(page, "nowhere")
        link = page.get_by_role("link", name=said("Show everything here")).element_handle()
        assert link is not None
        page.evaluate(CHANGE)
        assert link.evaluate("link => link.isConnected")

    visit(story)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("all", "You have no notifications yet."),
        ("unread", "You have read everything."),
        ("snoozed", "You have snoozed nothing."),
        ("archived", "You have archived nothing."),
    ],
)
def test_an_empty_list_says_what_is_not_there(visit: Visit, name: str, text: str) -> None:
    def story(page: Page) -> None:
        arrive(page, f"{INBOX}?state={name}")
        expect(page.locator(".clarion-empty")).to_contain_text(said(text))
        expect(page.get_by_role("button", name=said("Mark all as read"))).to_be_hidden()

    visit(story)


def test_a_group_unfolds_and_is_archived_and_brought_back_as_one(visit: Visit, alice: User) -> None:
    with happenings(
        group_by="type",
        texts=(
            AppText(title="{text}", message="", group="{count} things happened"),
            AppText(title="{text}", message="", group="حدثت {count} أشياء", locale="ar"),
        ),
    ):
        give(alice, 8, event_type="test.happened")
        give(alice, title="Alone")

        def story(page: Page) -> None:
            arrive(page)
            group = page.get_by_role("article").nth(1)
            name = group.get_by_role("heading").inner_text()
            assert "8" in name
            page.keyboard.press("j")
            page.keyboard.press("j")
            page.keyboard.press("Enter")
            expect(group.get_by_role("listitem")).to_have_count(8)
            expect(group.get_by_role("link", name="News 1")).to_be_visible()
            page.keyboard.press("e")
            expect(notice(page)).to_contain_text(counted("Archived.", "%(count)d notifications archived.", 8))
            assert titles(page) == ["Alone"]
            undo(page)
            expect(row(page, name)).to_be_focused()

        visit(story)


def test_older_ones_join_the_list_which_says_where_one_is_and_that_it_is_busy(
    visit: Visit, alice: User
) -> None:
    give(alice, 45)

    def story(page: Page) -> None:
        arrive(page)
        feed = page.get_by_role("feed", name=said("Notifications"))
        older = page.get_by_role("link", name=said("Older"))
        expect(row(page, "News 45")).to_have_attribute("aria-posinset", "1")
        expect(row(page, "News 45")).to_have_attribute("aria-setsize", "-1")
        expect(feed).to_have_attribute("aria-busy", "false")
        with holding(page, "**/*cursor=*") as first:
            older.click()
            expect(feed).to_have_attribute("aria-busy", "true")
            expect(page.get_by_role("link", name=said("Loading…"))).to_be_visible()
            first().continue_()
        expect(page.get_by_role("article")).to_have_count(40)
        expect(row(page, "News 25")).to_be_focused()
        older.click()
        expect(row(page, "News 5")).to_be_focused()
        expect(older).to_have_count(0)
        expect(row(page, "News 1")).to_have_attribute("aria-posinset", "45")
        expect(row(page, "News 1")).to_have_attribute("aria-setsize", "45")

    visit(story)


def test_mark_all_as_read_is_taken_back_whole(visit: Visit, alice: User) -> None:
    give(alice, 3)

    def story(page: Page) -> None:
        arrive(page)
        page.get_by_role("button", name=said("Mark all as read")).click()
        all_read = counted("Marked as read.", "%(count)d notifications marked as read.", 3)
        expect(notice(page)).to_contain_text(all_read)
        expect(page.locator(".clarion-unread")).to_have_count(0)
        undo(page)
        expect(tool(page, "Mark as read", "News 1")).to_be_visible()
        expect(state(page, "Unread")).to_contain_text("(3)")

    visit(story)


def test_a_damaged_address_leads_back_to_the_list(visit: Visit, alice: User) -> None:
    give(alice)

    def story(page: Page) -> None:
        page.goto(f"{INBOX}?cursor=damaged")
        expect(page.get_by_role("heading", level=1)).to_have_text(said("There is no such page"))
        page.get_by_role("link", name=said("Begin with the newest notifications")).click()
        expect(row(page, "News 1")).to_be_visible()

    visit(story)
