"""The list as a script drives it: keys, where the focus goes, what is read out, what is offered."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from playwright.sync_api import Locator, Page, Route, expect

from clarion.inbox.service import NotificationService
from clarion.models import AppNotification, InboxState
from tests.acceptance.pages.conftest import INBOX, Visit
from tests.integration.inbox.items import give

pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.django_db(transaction=True),
    pytest.mark.proves_most_on("sqlite", reason="pages are the same on every database"),
]


def row(page: Page, title: str) -> Locator:
    return page.get_by_role("article", name=title, exact=True)


def titles(page: Page) -> list[str]:
    return page.locator(".clarion-item h2").all_inner_texts()


def arrive(page: Page) -> None:
    """Open the page, and wait until the script has taken it over."""
    page.goto(INBOX)
    expect(page.locator("[data-clarion-sheet]")).to_be_visible()


def test_keys_lead_through_the_list(visit: Visit, alice: User) -> None:
    give(alice, 3)

    def story(page: Page) -> None:
        arrive(page)
        for key, title in [
            *(("j", "News 3"), ("j", "News 2"), ("ArrowDown", "News 1"), ("j", "News 1")),
            *(("k", "News 2"), ("ArrowUp", "News 3"), ("PageDown", "News 2"), ("PageUp", "News 3")),
        ]:
            page.keyboard.press(key)
            expect(row(page, title)).to_be_focused()
        assert row(page, "News 3").evaluate("row => getComputedStyle(row).outlineStyle") == "solid"
        page.keyboard.press("Control+Home")
        assert page.evaluate("!document.activeElement.closest('[role=feed]')")

    visit(story)


def test_enter_opens_and_reads(visit: Visit, alice: User) -> None:
    give(alice, 2)

    def story(page: Page) -> None:
        arrive(page)
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("News 2")

    visit(story)
    assert AppNotification.objects.get(is_read=True).title == "News 2"


def test_after_a_dismissal_the_next_row_has_the_focus_and_undo_brings_it_back(
    visit: Visit, alice: User
) -> None:
    give(alice, 3)

    def story(page: Page) -> None:
        arrive(page)
        page.keyboard.press("j")
        page.keyboard.press("j")
        page.keyboard.press("e")
        expect(row(page, "News 1")).to_be_focused()
        assert titles(page) == ["News 3", "News 1"]
        page.keyboard.press("e")
        expect(row(page, "News 3")).to_be_focused()
        page.get_by_role("button", name="Undo").click()
        expect(row(page, "News 1")).to_be_focused()
        page.keyboard.press("e")
        page.keyboard.press("k")
        expect(row(page, "News 3")).to_be_focused()
        page.keyboard.press("e")
        expect(page.get_by_text("You have no notifications yet.")).to_be_visible()
        expect(page.get_by_role("heading", level=1)).to_be_focused()

    visit(story)
    assert NotificationService().get_counts(alice).archived == 3


def test_whoever_is_faster_than_the_server_keeps_their_place(visit: Visit, alice: User) -> None:
    last, middle, first = give(alice, 3)

    def story(page: Page) -> None:
        held: list[Route] = []

        def hold(route: Route) -> None:
            held.append(route)

        what_became_of_it = re.compile(rf"[?&]ids={last.pk}&")
        page.route(what_became_of_it, hold)
        arrive(page)
        page.evaluate("acted = 0; document.addEventListener('clarion:acted', () => { acted += 1 })")
        for _ in range(3):
            page.keyboard.press("j")
        with page.expect_request(what_became_of_it):
            page.keyboard.press("e")
        page.keyboard.press("k")
        expect(row(page, "News 2")).to_be_focused()
        with page.expect_response(re.compile(rf"[?&]ids={first.pk}%2C{middle.pk}%2C{last.pk}&")):
            page.evaluate("document.dispatchEvent(new CustomEvent('clarion:change', { detail: {} }))")
        page.keyboard.press("e")
        expect(row(page, "News 2")).to_be_hidden()
        for route in held:
            route.continue_()
        page.wait_for_function("acted === 2")

        expect(row(page, "News 3")).to_be_focused()
        assert titles(page) == ["News 3"]

    visit(story)


def test_u_marks_one_and_shift_u_marks_all_with_undo(visit: Visit, alice: User) -> None:
    give(alice, 3)

    def story(page: Page) -> None:
        arrive(page)
        page.keyboard.press("j")
        page.keyboard.press("u")
        expect(row(page, "News 3").get_by_role("button", name="Mark as unread")).to_be_visible()
        expect(row(page, "News 3")).to_be_focused()
        expect(page.get_by_role("link", name="Unread (2)")).to_be_visible()
        page.keyboard.press("u")
        expect(row(page, "News 3").get_by_role("button", name="Mark as read:")).to_be_visible()
        page.keyboard.press("Shift+U")
        expect(page.get_by_text("3 notifications marked as read.").first).to_be_visible()
        expect(page.get_by_role("button", name="Mark all as read")).to_be_hidden()
        page.get_by_role("button", name="Undo").click()
        expect(page.get_by_role("link", name="Unread (3)")).to_be_visible()

    visit(story)


def test_the_sheet_shows_the_keys_and_turns_single_ones_off(visit: Visit, alice: User) -> None:
    give(alice, 2)

    def story(page: Page) -> None:
        arrive(page)
        page.keyboard.press("?")
        sheet = page.get_by_role("dialog", name="Keyboard")
        expect(sheet).to_be_visible()
        sheet.get_by_label("Use single keys").uncheck()
        expect(page.locator("clarion-inbox[data-shortcuts]")).to_have_count(0)
        page.keyboard.press("Escape")
        expect(sheet).to_be_hidden()
        page.keyboard.press("j")
        page.keyboard.press("?")
        expect(sheet).to_be_hidden()
        expect(page.locator(".clarion-item:focus")).to_have_count(0)

    visit(story)
    assert not InboxState.objects.get(person=alice).single_key_shortcuts


def test_keys_are_letters_where_one_writes(visit: Visit, alice: User) -> None:
    give(alice)

    def story(page: Page) -> None:
        arrive(page)
        page.get_by_role("searchbox").press_sequentially("jeu?")
        expect(page.get_by_role("searchbox")).to_have_value("jeu?")
        expect(page.get_by_role("dialog")).to_be_hidden()

    visit(story)
    assert not AppNotification.objects.filter(archived_at__isnull=False).exists()


def test_escape_leaves_the_menu_for_its_button(visit: Visit, alice: User) -> None:
    give(alice)

    def story(page: Page) -> None:
        arrive(page)
        more = page.locator(".clarion-more > summary")
        more.click()
        page.get_by_role("button", name="For one hour").focus()
        page.keyboard.press("Escape")
        expect(page.locator(".clarion-menu")).to_be_hidden()
        expect(more).to_be_focused()

    visit(story)


def test_a_moment_of_one_s_own_is_picked_in_one_s_own_time(visit: Visit, alice: User) -> None:
    give(alice)

    def story(page: Page) -> None:
        arrive(page)
        page.locator(".clarion-more > summary").click()
        day = page.evaluate("new Date(Date.now() + 2 * 864e5).toISOString().slice(0, 10)")
        page.get_by_label("Snooze until").fill(f"{day}T09:30")
        page.get_by_role("button", name="Snooze", exact=True).click()
        expect(page.locator(".clarion-notice")).to_contain_text("Snoozed.")

    visit(story, timezone_id="Asia/Tokyo")
    until = AppNotification.objects.get().snoozed_until
    assert until is not None
    assert f"{until:%H:%M}" == "00:30"


def test_the_feed_says_where_one_is_and_that_it_is_busy(visit: Visit, alice: User) -> None:
    give(alice, 45)

    def story(page: Page) -> None:
        arrive(page)
        feed = page.get_by_role("feed")
        expect(row(page, "News 45")).to_have_attribute("aria-posinset", "1")
        expect(row(page, "News 45")).to_have_attribute("aria-setsize", "-1")
        expect(feed).to_have_attribute("aria-busy", "false")
        for last, count in (("News 25", 40), ("News 5", 45)):
            page.get_by_role("link", name="Older").click()
            expect(page.get_by_role("article")).to_have_count(count)
            expect(row(page, last)).to_be_focused()
        expect(page.get_by_role("link", name="Older")).to_have_count(0)
        expect(row(page, "News 1")).to_have_attribute("aria-posinset", "45")
        expect(row(page, "News 1")).to_have_attribute("aria-setsize", "45")

    visit(story)


def test_changes_are_read_out_once_they_have_come_to_rest(visit: Visit, alice: User) -> None:
    give(alice, 4)

    def story(page: Page) -> None:
        page.clock.install()
        arrive(page)
        page.evaluate("""() => {
          window.heard = [];
          const live = document.querySelector("[role=status]");
          new MutationObserver(() => window.heard.push(live.textContent))
            .observe(live, { childList: true, characterData: true, subtree: true });
        }""")
        expect(page.get_by_role("status")).to_have_count(1)
        page.clock.pause_at(datetime.now(UTC) + timedelta(hours=1))
        page.keyboard.press("j")
        page.keyboard.press("e")
        expect(page.locator(".clarion-notice")).to_contain_text("Archived.")
        page.clock.run_for(300)
        page.keyboard.press("u")
        expect(page.locator(".clarion-notice")).to_contain_text("Marked as read.")
        page.clock.run_for(300)
        assert page.evaluate("window.heard") == []
        page.clock.run_for(300)
        assert page.evaluate("window.heard") == ["Marked as read."]

    visit(story)


def give_and_close(person: User) -> None:
    give(person, 3)
    connection.close()


def test_what_is_new_is_offered_and_not_inserted(visit: Visit, alice: User) -> None:
    give(alice, 2)

    def story(page: Page) -> None:
        arrive(page)
        page.keyboard.press("j")
        with ThreadPoolExecutor(max_workers=1) as thread:  # where the browser is, no database may be used
            thread.submit(give_and_close, alice).result()
        page.evaluate("document.dispatchEvent(new CustomEvent('clarion:change', { detail: {} }))")
        offer = page.get_by_role("button", name="3 new notifications")
        expect(offer).to_be_visible()
        assert titles(page) == ["News 2", "News 1"]
        expect(row(page, "News 2")).to_be_focused()
        expect(page.get_by_role("status")).to_have_text("3 new notifications")
        offer.click()
        expect(page.get_by_role("article")).to_have_count(5)
        expect(row(page, "News 3")).to_be_focused()
        expect(offer).to_be_hidden()

    visit(story)


def test_what_was_done_elsewhere_is_done_here_but_not_under_the_focus(visit: Visit, alice: User) -> None:
    first, second, _ = give(alice, 3)

    def story(page: Page) -> None:
        arrive(page)
        page.keyboard.press("j")
        for action, item in (("archive", first.pk), ("read", second.pk)):
            page.evaluate(ELSEWHERE, [action, str(item)])
        page.evaluate("document.dispatchEvent(new CustomEvent('clarion:change', { detail: {} }))")
        expect(row(page, "News 1")).to_have_count(0)
        expect(row(page, "News 2")).not_to_have_class(re.compile("clarion-unread"))
        expect(row(page, "News 3")).to_be_focused()
        expect(page.get_by_role("link", name="Unread (1)")).to_be_visible()

    visit(story)


def test_offline_and_errors_are_said_and_can_be_tried_again(visit: Visit, alice: User) -> None:
    give(alice, 2)

    def story(page: Page) -> None:
        arrive(page)
        page.context.set_offline(True)
        expect(page.locator(".clarion-problem")).to_contain_text("You are offline.")
        page.get_by_role("button", name="Archive: News 2").click()
        expect(page.locator(".clarion-problem")).to_contain_text("That did not work")
        page.context.set_offline(False)
        page.get_by_role("button", name="Archive: News 1").wait_for()
        expect(page.locator(".clarion-notice")).to_contain_text("You are online again.")
        page.get_by_role("button", name="Archive: News 2").click()
        expect(row(page, "News 2")).to_have_count(0)

    visit(story)


def test_what_was_in_sight_is_seen_and_not_read(visit: Visit, alice: User) -> None:
    give(alice, 2)

    def story(page: Page) -> None:
        with page.expect_response(lambda answer: "/change/" in answer.url):
            arrive(page)

    visit(story)
    assert AppNotification.objects.filter(seen_at__isnull=False, is_read=False).count() == 2


def test_times_are_those_of_the_reader_s_clock(visit: Visit, alice: User) -> None:
    (item,) = give(alice)

    def story(page: Page) -> None:
        arrive(page)
        expect(page.locator(".clarion-detail time")).to_have_text(re.compile("now|min"))
        shown = page.locator(".clarion-detail time").get_attribute("title")
        wanted = page.evaluate(
            """text => new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "short" })
              .format(new Date(text))""",
            item.created_at.isoformat(),
        )
        assert shown == wanted

    visit(story, timezone_id="Asia/Kolkata")


ELSEWHERE = """([action, ids]) => {
  const data = new FormData();
  data.set("action", action);
  data.set("ids", ids);
  data.set("csrfmiddlewaretoken", document.querySelector("[name=csrfmiddlewaretoken]").value);
  const headers = { Accept: "application/json" };
  return fetch("/notifications/change/", { method: "POST", body: data, headers });
}"""
"""What another tab would do."""
