"""Clarion's pages in a real Chromium: by Tab alone, without JavaScript, narrow, dark, right to left."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from clarion.models import AppNotification, NotificationPreference
from tests.acceptance.pages.conftest import INBOX, PREFERENCES, Visit
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
            assert focused.evaluate("element => getComputedStyle(element).outlineStyle") == "solid"
            return
    raise AssertionError(f"no Tab leads to {text!r}")


def test_everything_can_be_done_by_tab_alone(visit: Visit, alice: User) -> None:
    give(alice, 3)

    def story(page: Page) -> None:
        page.goto(INBOX)
        tab_to(page, "Mark as read: News 2")
        page.keyboard.press("Enter")
        expect(page.locator(".clarion-notice")).to_contain_text("Marked as read.")
        expect(page.get_by_role("button", name="Mark as unread: News 2")).to_be_focused()
        tab_to(page, "Unread (2)", backwards=True)
        page.keyboard.press("Enter")
        expect(page.get_by_role("article")).to_have_count(2)
        tab_to(page, "Mark all as read")
        page.keyboard.press("Space")
        expect(page.get_by_text("You have read everything.")).to_be_visible()
        page.goto(PREFERENCES)
        tab_to(page, "In the app")
        page.keyboard.press("Space")
        expect(page.get_by_text("Your choices are saved.").first).to_be_visible()
        tab_to(page, "Choose for each kind of event")
        page.keyboard.press("Enter")
        tab_to(page, "By e-mail")
        page.keyboard.press("Space")
        expect(page.get_by_role("button", name="Again as for “Orders”").first).to_be_visible()

    visit(story)
    assert not AppNotification.objects.filter(is_read=False).exists()
    preference = NotificationPreference.objects.get(person=alice)
    assert preference.categories == {"orders": "email"}
    assert preference.event_types == {"order.shipped": "none"}


def test_everything_works_without_javascript(visit: Visit, alice: User) -> None:
    give(alice, 4)

    def story(page: Page) -> None:
        page.goto(INBOX)
        page.get_by_role("button", name="Mark as read: News 1").click()
        expect(page.get_by_role("button", name="Mark as read:")).to_have_count(3)
        page.get_by_role("button", name="Archive: News 2").click()
        expect(page.get_by_role("article")).to_have_count(3)
        page.get_by_role("button", name="Undo").click()
        expect(page.get_by_role("article")).to_have_count(4)
        page.get_by_label("More: News 3").first.click()
        page.get_by_role("button", name="Until tomorrow morning").click()
        expect(page.get_by_role("article")).to_have_count(3)
        page.get_by_label("More: News 4").first.click()
        page.get_by_role("button", name="Turn these off").click()
        expect(page.locator(".clarion-notice")).to_contain_text("You will hear no more of this kind.")
        page.get_by_role("searchbox").fill("news 4")
        page.get_by_role("button", name="Search").click()
        expect(page.get_by_role("article")).to_have_count(1)
        page.get_by_role("link", name="News 4").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("News 4")
        page.goto(PREFERENCES)
        page.get_by_role("group", name="Stock counted").get_by_label("In the app").uncheck()
        page.get_by_label("From").fill("22:00")
        page.get_by_label("Until").fill("07:00")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("status")).to_contain_text("Your choices are saved.")

    visit(story, java_script_enabled=False)
    assert AppNotification.objects.filter(is_read=True).count() == 2
    preference = NotificationPreference.objects.get(person=alice)
    assert preference.event_types == {"order.shipped": "none", "stock.counted": "email"}
    assert preference.quiet_from is not None


def test_those_who_cannot_see_the_page_find_names_for_everything(visit: Visit, alice: User) -> None:
    give(alice, 2, message="It is on its way.")

    def story(page: Page) -> None:
        page.goto(INBOX)
        expect(page.get_by_role("heading", level=1)).to_have_text("Notifications")
        expect(page.get_by_role("main")).to_have_count(1)
        expect(page.get_by_role("navigation", name="Filter")).to_be_visible()
        expect(page.get_by_role("feed", name="Notifications")).to_be_visible()
        expect(page.get_by_role("article", name="News 2").get_by_role("link")).to_have_text("News 2")
        page.goto(PREFERENCES)
        whole = page.get_by_role("group", name="Everything here", exact=True)
        expect(whole.get_by_role("checkbox")).to_have_count(2)
        locked = page.get_by_role("group", name="Account locked")
        expect(locked).to_contain_text("This cannot be turned off")

    visit(story)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", [INBOX, PREFERENCES, f"{INBOX}?cursor=damaged"])
def test_text_stands_out_in_light_and_in_dark(visit: Visit, alice: User, path: str, scheme: str) -> None:
    _, seen = give(alice, 2, message="It is on its way.")
    seen.mark_as_read()

    def story(page: Page) -> None:
        page.goto(path)
        faint = page.evaluate(TEXT_BELOW_CONTRAST)
        assert faint == []
        ground = page.locator("body").evaluate("body => getComputedStyle(body).backgroundColor")
        assert (sum(map(int, ground[4:-1].split(","))) < 384) == (scheme == "dark")

    visit(story, color_scheme=scheme)


TEXT_BELOW_CONTRAST = """() => {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d");
  // Paint the colours over one another: what the eye sees, whatever notation they are in.
  const seen = colours => {
    for (const colour of colours) { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); }
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const luminance = rgb => rgb
    .map(part => part / 255)
    .map(part => part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
  const grounds = element => element
    ? [...grounds(element.parentElement), getComputedStyle(element).backgroundColor]
    : ["white"];
  const faint = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !element.checkVisibility()) continue;
    const ground = grounds(element);
    const [light, dark] = [seen(ground), seen([...ground, getComputedStyle(element).color])]
      .map(luminance).sort((one, other) => other - one);
    const contrast = (light + 0.05) / (dark + 0.05);
    if (contrast < 4.5) faint.push(`${walker.currentNode.data.trim()}: ${contrast.toFixed(2)}`);
  }
  return faint;
}"""
"""Every visible text whose contrast is below that of WCAG 2.2, success criterion 1.4.3."""


@pytest.mark.parametrize("locale", ["en", "de", "ar"])
@pytest.mark.parametrize("path", [INBOX, PREFERENCES, f"{INBOX}?cursor=damaged"])
def test_a_narrow_page_or_large_text_needs_no_scrolling_sideways(
    visit: Visit, alice: User, path: str, locale: str
) -> None:
    give(alice, title="An-unbroken-name-" * 12, message="https://shop.example/" * 12)

    def story(page: Page) -> None:
        page.goto(path)
        for summary in page.locator("summary").all():
            summary.click()
            assert overflow(page) == 0
        page.set_viewport_size({"width": 640, "height": 800})
        page.add_style_tag(content="html { font-size: 200% }")
        assert overflow(page) == 0

    visit(story, viewport={"width": 320, "height": 800}, locale=locale)


def overflow(page: Page) -> int:
    width: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return width


@pytest.mark.parametrize(("locale", "is_mirrored"), [("en", False), ("ar", True)])
def test_the_page_runs_in_the_direction_of_its_language(
    visit: Visit, alice: User, locale: str, is_mirrored: bool
) -> None:
    give(alice)

    def story(page: Page) -> None:
        page.goto(INBOX)
        # The first state that the page hears of replaces rows that have changed since, if only by being seen.
        page.wait_for_load_state("networkidle")
        item = page.get_by_role("article")
        title = item.get_by_role("link").bounding_box()
        button = item.get_by_role("button").first.bounding_box()
        assert title is not None
        assert button is not None
        assert (button["x"] < title["x"]) == is_mirrored
        side = "right" if is_mirrored else "left"
        assert item.evaluate("item => getComputedStyle(item).borderInlineStartWidth") == "4px"
        assert item.evaluate(f"item => getComputedStyle(item)['border-{side}-width']") == "4px"

    visit(story, locale=locale)


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
