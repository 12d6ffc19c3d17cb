"""Clarion's pages in a real Chromium: by Tab alone, without JavaScript, narrow, dark, right to left."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from clarion.models import AppNotification, NotificationPreference
from tests.acceptance.pages.conftest import INBOX, PREFERENCES, Setting, Visit, in_one_setting, overflow
from tests.acceptance.pages.contrast import faint_texts, shows_focus
from tests.acceptance.pages.inbox_page import more, notice, state, tool
from tests.acceptance.pages.words import counted, said
from tests.integration.inbox.items import give

pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.django_db(transaction=True),
    pytest.mark.proves_most_on("sqlite", reason="pages are the same on every database"),
]


def tab_to(page: Page, text: str, *, backwards: bool = False) -> None:
    """Press Tab until something of this text has the focus, and see to it that the focus shows."""
    for _ in range(60):
        page.keyboard.press("Shift+Tab" if backwards else "Tab")
        focused = page.locator(":focus")
        if text in focused.evaluate(
            "element => element.ariaLabel ?? (element.labels?.[0] ?? element).textContent"
        ):
            assert shows_focus(focused), text
            return
    raise AssertionError(f"no Tab leads to {text!r}")


def test_everything_can_be_done_by_tab_alone(visit: Visit, alice: User) -> None:
    give(alice, 3)

    def story(page: Page) -> None:
        page.goto(INBOX)
        tab_to(page, f"{said('Mark as read')}: News 2")
        page.keyboard.press("Enter")
        expect(notice(page)).to_contain_text(
            counted("Marked as read.", "%(count)d notifications marked as read.", 1)
        )
        expect(tool(page, "Mark as unread", "News 2")).to_be_focused()
        tab_to(page, f"{said('Unread')} (2)", backwards=True)
        page.keyboard.press("Enter")
        expect(page.get_by_role("article")).to_have_count(2)
        tab_to(page, said("Mark all as read"))
        page.keyboard.press("Space")
        expect(page.get_by_text(said("You have read everything."))).to_be_visible()
        page.goto(PREFERENCES)
        tab_to(page, said("In the app"))
        page.keyboard.press("Space")
        expect(page.get_by_text(said("Your choices are saved.")).first).to_be_visible()
        tab_to(page, said("Choose for each kind of event in “%(category)s”", category="Orders"))
        page.keyboard.press("Enter")
        tab_to(page, said("By e-mail"))
        page.keyboard.press("Space")
        again = said("Again as for “%(category)s”", category="Orders")
        expect(page.get_by_role("button", name=again).first).to_be_visible()

    visit(story)
    assert not AppNotification.objects.filter(is_read=False).exists()
    preference = NotificationPreference.objects.get(person=alice)
    assert preference.categories == {"orders": "email"}
    assert preference.event_types == {"order.shipped": "none"}


def test_everything_works_without_javascript(visit: Visit, alice: User) -> None:
    give(alice, 4)

    def story(page: Page) -> None:
        page.goto(INBOX)
        tool(page, "Mark as read", "News 1").click()
        expect(page.locator(".clarion-unread")).to_have_count(3)
        tool(page, "Archive", "News 2").click()
        expect(page.get_by_role("article")).to_have_count(3)
        page.get_by_role("button", name=said("Undo")).click()
        expect(page.get_by_role("article")).to_have_count(4)
        more(page, "News 3").click()
        page.get_by_role("button", name=said("Until tomorrow morning")).click()
        expect(page.get_by_role("article")).to_have_count(3)
        more(page, "News 4").click()
        page.get_by_role("button", name=said("Turn these off: “%(kind)s”", kind="Order shipped")).click()
        expect(notice(page)).to_contain_text(said("You will hear no more of this kind."))
        page.get_by_role("button", name=said("Mark all as read")).click()
        expect(page.locator(".clarion-unread")).to_have_count(0)
        page.get_by_role("button", name=said("Undo")).click()
        expect(page.locator(".clarion-unread")).to_have_count(2)
        state(page, "Snoozed").click()
        expect(page.get_by_role("article", name="News 3")).to_be_visible()
        state(page, "All").click()
        page.get_by_role("searchbox").fill("news 4")
        page.get_by_role("button", name=said("Search"), exact=True).click()
        expect(page.get_by_role("article")).to_have_count(1)
        page.get_by_role("link", name="News 4").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("News 4")
        page.goto(PREFERENCES)
        page.get_by_role("group", name="Stock counted").get_by_label(said("In the app")).uncheck()
        page.get_by_label(said("From"), exact=True).fill("22:00")
        page.get_by_label(said("Until"), exact=True).fill("07:00")
        page.get_by_role("button", name=said("Save")).click()
        expect(page.get_by_role("status")).to_contain_text(said("Your choices are saved."))

    visit(story, java_script_enabled=False)
    assert AppNotification.objects.filter(is_read=True).count() == 2
    preference = NotificationPreference.objects.get(person=alice)
    assert preference.event_types == {"order.shipped": "none", "stock.counted": "email"}
    assert preference.quiet_from is not None


def test_those_who_cannot_see_the_page_find_names_for_everything(visit: Visit, alice: User) -> None:
    give(alice, 2, message="It is on its way.")

    def story(page: Page) -> None:
        page.goto(INBOX)
        expect(page.get_by_role("heading", level=1)).to_have_text(said("Notifications"))
        expect(page.get_by_role("main")).to_have_count(1)
        expect(page.get_by_role("navigation", name=said("Filter"))).to_be_visible()
        expect(page.get_by_role("feed", name=said("Notifications"))).to_be_visible()
        expect(page.get_by_role("article", name="News 2").get_by_role("link")).to_have_text("News 2")
        page.goto(PREFERENCES)
        whole = page.get_by_role("group", name=said("Everything here"), exact=True)
        expect(whole.get_by_role("checkbox")).to_have_count(2)

    visit(story)


@pytest.mark.parametrize("path", [INBOX, PREFERENCES, f"{INBOX}?cursor=damaged"])
def test_text_stands_out_in_light_and_in_dark(visit: Visit, alice: User, setting: Setting, path: str) -> None:
    _, seen = give(alice, 2, message="It is on its way.")
    seen.mark_as_read()

    def story(page: Page) -> None:
        page.goto(path)
        assert faint_texts(page) == []
        ground = page.locator("body").evaluate("body => getComputedStyle(body).backgroundColor")
        assert (sum(map(int, ground[4:-1].split(","))) < 384) == (setting.scheme == "dark")

    visit(story)


NARROW = [Setting("light", language, 320) for language in ("en", "de", "ar")]


@pytest.mark.parametrize("setting", NARROW, indirect=True, ids=str)
@pytest.mark.parametrize("path", [INBOX, PREFERENCES, f"{INBOX}?cursor=damaged"])
def test_a_narrow_page_or_large_text_needs_no_scrolling_sideways(
    visit: Visit, alice: User, path: str
) -> None:
    give(alice, title="An-unbroken-name-" * 12, message="https://shop.example/" * 12)

    def story(page: Page) -> None:
        page.goto(path)
        for summary in page.locator("summary").all():
            summary.click()
            assert overflow(page) == 0
        page.set_viewport_size({"width": 640, "height": 800})
        page.add_style_tag(content="html { font-size: 200% }")

    visit(story)


def test_the_page_runs_in_the_direction_of_its_language(visit: Visit, alice: User, setting: Setting) -> None:
    give(alice)
    is_mirrored = setting.language == "ar"

    def story(page: Page) -> None:
        page.goto(INBOX)
        # The first state that the page hears of replaces rows that have changed since, if only by being seen.
        page.wait_for_load_state("networkidle")
        item = page.get_by_role("article")
        title = item.get_by_role("link").bounding_box()
        button = item.get_by_role("button").first.bounding_box()
        assert title is not None
        assert button is not None
        # On a phone the title has a line of its own: there the buttons tell the direction.
        middle = setting.width / 2 if setting.width == 320 else title["x"]
        assert (button["x"] < middle) == is_mirrored
        side = "right" if is_mirrored else "left"
        assert item.evaluate("item => getComputedStyle(item).borderInlineStartWidth") == "4px"
        assert item.evaluate(f"item => getComputedStyle(item)['border-{side}-width']") == "4px"
        assert page.locator("html").get_attribute("lang") == setting.language

    visit(story)


@in_one_setting
def test_forced_colours_leave_nothing_unsaid(visit: Visit, alice: User) -> None:
    _, seen = give(alice, 2)
    seen.mark_as_read()

    def story(page: Page) -> None:
        page.goto(INBOX)
        expect(page.locator(".clarion-tag", has_text="Unread")).to_have_count(1)
        unread, read = (
            page.locator(selector).evaluate(START)
            for selector in (".clarion-unread", ".clarion-item:not(.clarion-unread)")
        )
        assert unread != read

    visit(story, forced_colors="active")


START = "item => getComputedStyle(item).borderInlineStartColor"


@in_one_setting
@pytest.mark.parametrize("path", [INBOX, "/bell/"])
def test_a_project_s_own_colours_take_the_place_of_ours(visit: Visit, alice: User, path: str) -> None:
    give(alice)

    def story(page: Page) -> None:
        page.goto(path)
        page.add_style_tag(content=".clarion, .clarion-bell { --clarion-accent: rebeccapurple }")
        for place in page.locator(".clarion, a.clarion-bell").all():
            accent = place.evaluate("place => getComputedStyle(place).getPropertyValue('--clarion-accent')")
            assert accent == "rebeccapurple"

    visit(story)
