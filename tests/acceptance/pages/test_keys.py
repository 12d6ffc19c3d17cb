"""The list by keyboard: where each key leads, and where the focus is afterwards."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, Route, expect

from clarion.inbox.service import NotificationService
from clarion.models import AppNotification, InboxState
from tests.acceptance.pages.conftest import Visit
from tests.acceptance.pages.contrast import shows_focus
from tests.acceptance.pages.inbox_page import arrive, more, row, state, titles, tool, undo
from tests.acceptance.pages.words import counted, said
from tests.integration.inbox.items import give

pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.django_db(transaction=True),
    pytest.mark.proves_most_on("sqlite", reason="pages are the same on every database"),
]


def test_keys_lead_through_the_list(visit: Visit, alice: User) -> None:
    give(alice, 3)

    def story(page: Page) -> None:
        arrive(page)
        for key, title in [
            *(("j", "News 3"), ("j", "News 2"), ("ArrowDown", "News 1"), ("j", "News 1")),
            *(("k", "News 2"), ("ArrowUp", "News 3"), ("PageDown", "News 2"), ("PageUp", "News 3")),
            # A list has no left and no right, whichever way its language runs.
            *(("ArrowLeft", "News 3"), ("ArrowRight", "News 3")),
        ]:
            page.keyboard.press(key)
            expect(row(page, title)).to_be_focused()
        assert shows_focus(row(page, "News 3"))

    visit(story)


def test_control_with_home_and_end_leaves_the_list(visit: Visit, alice: User) -> None:
    give(alice, 21)

    def story(page: Page) -> None:
        arrive(page)
        page.keyboard.press("j")
        page.keyboard.press("Control+Home")
        expect(page.get_by_role("button", name=said("Search"), exact=True)).to_be_focused()
        page.keyboard.press("j")
        page.keyboard.press("Control+End")
        expect(page.get_by_role("link", name=said("Older"))).to_be_focused()

    visit(story)


def test_letters_are_known_by_their_place_on_keyboards_of_another_script(visit: Visit, alice: User) -> None:
    give(alice, 2)

    def story(page: Page) -> None:
        arrive(page)
        press_in_arabic(page, "ت", "KeyJ")
        expect(row(page, "News 2")).to_be_focused()
        press_in_arabic(page, "ث", "KeyE")
        expect(row(page, "News 1")).to_be_focused()
        assert titles(page) == ["News 1"]
        press_in_arabic(page, "؟", "Slash")
        expect(page.get_by_role("dialog", name=said("Keyboard"))).to_be_visible()

    visit(story)


def press_in_arabic(page: Page, text: str, code: str) -> None:
    """Press a key as on an Arabic keyboard: Playwright itself has an American one."""
    keyboard = page.context.new_cdp_session(page)
    keyboard.send("Input.dispatchKeyEvent", {"type": "keyDown", "key": text, "text": text, "code": code})
    keyboard.send("Input.dispatchKeyEvent", {"type": "keyUp", "key": text, "code": code})


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
        undo(page)
        expect(row(page, "News 1")).to_be_focused()
        page.keyboard.press("e")
        page.keyboard.press("k")
        expect(row(page, "News 3")).to_be_focused()
        page.keyboard.press("e")
        expect(page.get_by_text(said("You have no notifications yet."))).to_be_visible()
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
        expect(tool(page, "Mark as unread", "News 3")).to_be_visible()
        expect(row(page, "News 3")).to_be_focused()
        expect(state(page, "Unread")).to_contain_text("(2)")
        page.keyboard.press("u")
        expect(tool(page, "Mark as read", "News 3")).to_be_visible()
        page.keyboard.press("Shift+U")
        all_read = counted("Marked as read.", "%(count)d notifications marked as read.", 3)
        expect(page.get_by_text(all_read).first).to_be_visible()
        expect(page.get_by_role("button", name=said("Mark all as read"))).to_be_hidden()
        undo(page)
        expect(state(page, "Unread")).to_contain_text("(3)")

    visit(story)


def test_the_sheet_shows_the_keys_and_turns_single_ones_off(visit: Visit, alice: User) -> None:
    give(alice, 2)

    def story(page: Page) -> None:
        arrive(page)
        page.keyboard.press("?")
        sheet = page.get_by_role("dialog", name=said("Keyboard"))
        expect(sheet).to_be_visible()
        sheet.get_by_label(said("Use single keys (j, k, e, u, ?)")).uncheck()
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
        more(page, "News 1").click()
        page.get_by_role("button", name=said("For one hour")).focus()
        page.keyboard.press("Escape")
        expect(page.locator(".clarion-menu")).to_be_hidden()
        expect(more(page, "News 1")).to_be_focused()

    visit(story)
