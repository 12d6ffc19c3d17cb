"""Clarion's pages in a real Chromium: by keyboard alone, without JavaScript, narrow, dark, right to left.

Chromium is `/usr/bin/chromium`, or what `CLARION_CHROMIUM` names.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Browser, Page, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from clarion.models import AppNotification, NotificationPreference
from tests.integration.inbox.items import give

pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.django_db(transaction=True),
    pytest.mark.proves_most_on("sqlite", reason="pages are the same on every database"),
]

CHROMIUM = Path(os.environ.get("CLARION_CHROMIUM", "/usr/bin/chromium"))
INBOX, PREFERENCES = "/notifications/", "/notifications/preferences/"

Story = Callable[[Page], None]
Visit = Callable[..., None]


class Chromium(NamedTuple):
    """A browser, and the thread it lives in.

    Playwright runs an event loop in its thread, where Django refuses to use the database; so that thread
    is not the test's own.
    """

    thread: ThreadPoolExecutor
    browser: Browser


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    if not CHROMIUM.exists():
        problem = f"No browser at {CHROMIUM}: install Chromium, or name one in CLARION_CHROMIUM."
        if os.environ.get("CI") == "true":
            pytest.fail(problem)
        pytest.skip(f"THE PAGES WERE NOT TESTED IN A BROWSER. {problem}")
    with ThreadPoolExecutor(max_workers=1) as thread:
        playwright = thread.submit(sync_playwright().start).result()
        launch = playwright.chromium.launch
        flags = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        browser = thread.submit(launch, executable_path=CHROMIUM, args=flags).result()
        yield Chromium(thread, browser)
        thread.submit(browser.close).result()
        thread.submit(playwright.stop).result()


@pytest.fixture
def visit(chromium: Chromium, live_server: LiveServer, alice: User) -> Visit:
    """Play a story in a browser in which Alice is signed in; options are those of a browser context."""
    client = Client()
    client.force_login(alice)
    cookies: Any = [
        {"name": name, "value": morsel.value, "url": live_server.url}
        for name, morsel in client.cookies.items()
    ]

    def visit(story: Story, **options: Any) -> None:
        def play() -> None:
            context = chromium.browser.new_context(**{"base_url": live_server.url, "locale": "en"} | options)
            context.set_default_timeout(10_000)
            context.add_cookies(cookies)
            try:
                story(context.new_page())
            finally:
                context.close()

        chromium.thread.submit(play).result()

    return visit


@pytest.fixture
def alice(transactional_db: None) -> User:
    return User.objects.create_user("alice", "alice@people.example")


def tab_to(page: Page, text: str) -> None:
    """Press Tab until something of this text has the focus, and see to it that the focus shows."""
    for _ in range(40):
        page.keyboard.press("Tab")
        focused = page.locator(":focus")
        if text in focused.evaluate(
            "element => element.ariaLabel ?? (element.labels?.[0] ?? element).textContent"
        ):
            assert focused.evaluate("element => getComputedStyle(element).outlineStyle") == "solid"
            return
    raise AssertionError(f"no Tab leads to {text!r}")


def test_everything_can_be_done_by_keyboard_alone(visit: Visit, alice: User) -> None:
    give(alice, 3, link="/admin/login/")

    def story(page: Page) -> None:
        page.goto(INBOX)
        tab_to(page, "Mark as read: News 2")
        page.keyboard.press("Enter")
        expect(page.get_by_role("status")).to_have_text("Marked as read.")
        tab_to(page, "Unread (2)")
        page.keyboard.press("Enter")
        expect(page.get_by_role("listitem")).to_have_count(2)
        tab_to(page, "Mark all as read")
        page.keyboard.press("Space")
        expect(page.get_by_text("You have read everything.")).to_be_visible()
        tab_to(page, "Choose what you are told")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Notification preferences")
        tab_to(page, "In the app and by e-mail")
        page.keyboard.press("ArrowDown")
        tab_to(page, "Choose for each kind of event")
        page.keyboard.press("Enter")
        tab_to(page, "As for Orders")
        page.keyboard.press("ArrowDown")
        tab_to(page, "Save")
        page.keyboard.press("Enter")
        expect(page.get_by_role("status")).to_have_text("Your choices are saved.")

    visit(story)
    assert not AppNotification.objects.filter(is_read=False).exists()
    preference = NotificationPreference.objects.get(person=alice)
    assert preference.categories == {"orders": "none"}
    assert preference.event_types == {"order.shipped": "apps"}


def test_everything_works_without_javascript(visit: Visit, alice: User) -> None:
    first, _, _ = give(alice, 3)

    def story(page: Page) -> None:
        page.goto(INBOX)
        page.get_by_role("button", name="Mark as read: News 1").click()
        expect(page.get_by_role("button", name="Mark as read:")).to_have_count(2)
        page.goto(PREFERENCES)
        page.get_by_text("Choose for each kind of event").click()
        page.get_by_role("group", name="Stock counted").get_by_label("Not at all").check()
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("status")).to_have_text("Your choices are saved.")

    visit(story, java_script_enabled=False)
    assert AppNotification.objects.get(is_read=True) == first
    assert NotificationPreference.objects.get(person=alice).event_types == {"stock.counted": "none"}


def test_those_who_cannot_see_the_page_find_names_for_everything(visit: Visit, alice: User) -> None:
    give(alice, 2, link="/admin/login/", message="It is on its way.")

    def story(page: Page) -> None:
        page.goto(INBOX)
        expect(page.get_by_role("heading", level=1)).to_have_text("Notifications")
        expect(page.get_by_role("main")).to_have_count(1)
        expect(page.get_by_role("navigation", name="Filter")).to_be_visible()
        expect(page.get_by_role("article", name="News 2").get_by_role("link")).to_have_text("News 2")
        page.goto(PREFERENCES)
        expect(page.get_by_role("group", name="Orders", exact=True).get_by_role("radio")).to_have_count(4)
        expect(page.get_by_role("group", name="Account")).to_contain_text("This cannot be turned off")

    visit(story)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", [INBOX, PREFERENCES, f"{INBOX}?cursor=damaged"])
def test_text_stands_out_in_light_and_in_dark(visit: Visit, alice: User, path: str, scheme: str) -> None:
    _, seen = give(alice, 2, link="/admin/login/", message="It is on its way.")
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
    give(alice, title="An-unbroken-name-" * 12, link="/admin/login/", message="https://shop.example/" * 12)

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
    give(alice, link="/admin/login/")

    def story(page: Page) -> None:
        page.goto(INBOX)
        item = page.get_by_role("listitem")
        title, button = item.get_by_role("link").bounding_box(), item.get_by_role("button").bounding_box()
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
        expect(page.get_by_text("Unread", exact=True)).to_have_count(1)
        unread, read = (
            page.locator(selector).evaluate(START)
            for selector in (".clarion-unread", ".clarion-item:not(.clarion-unread)")
        )
        assert unread != read

    visit(story, forced_colors="active")


START = "item => getComputedStyle(item).borderInlineStartColor"
