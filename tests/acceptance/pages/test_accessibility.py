"""axe finds nothing on any page: light and dark, left to right and right to left, narrow and wide."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from clarion.inbox.service import NotificationService
from clarion.models import Mute
from tests.acceptance.pages.conftest import API, INBOX, PREFERENCES, Setting, Visit, in_all_eight
from tests.integration.inbox.items import give

pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.takes_minutes,
    pytest.mark.django_db(transaction=True),
    pytest.mark.proves_most_on("sqlite", reason="pages are the same on every database"),
]

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def open_menu(page: Page) -> None:
    page.locator(".clarion-more > summary").first.click()
    expect(page.locator(".clarion-menu").first).to_be_visible()


def archive(page: Page) -> None:
    page.locator('[data-slot="archive"]').first.click()
    expect(page.locator(".clarion-notice button")).to_be_visible()


def follow(page: Page) -> None:
    page.get_by_role("article").get_by_role("link").first.click()
    expect(page.get_by_role("article")).to_have_count(1)


def show_keys(page: Page) -> None:
    page.locator("[data-clarion-sheet]").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def ring(page: Page) -> None:
    page.locator("a.clarion-bell").click()
    expect(page.locator("clarion-popover, .clarion-popover .clarion-item").first).to_be_visible()


def unfold(page: Page) -> None:
    page.locator(".clarion-section summary").first.click()


def go_offline(page: Page) -> None:
    page.context.set_offline(True)
    expect(page.locator(".clarion-problem")).to_be_visible()


def fail(page: Page) -> None:
    page.route("**/change/", lambda route: route.abort())
    page.locator('[data-slot="archive"]').first.click()
    expect(page.locator(".clarion-problem button")).to_be_visible()


def nothing(page: Page) -> None:
    """Look at the page as it is."""


SIGHTS: dict[str, tuple[str, Callable[[Page], None]]] = {
    "inbox": (INBOX, nothing),
    "menu": (INBOX, open_menu),
    "undo": (INBOX, archive),
    "keys": (INBOX, show_keys),
    "failure": (INBOX, fail),
    "offline": (INBOX, go_offline),
    "notification": (INBOX, follow),
    "archived": (f"{INBOX}?state=archived", nothing),
    "empty": (f"{INBOX}?state=snoozed", nothing),
    "nothing found": (f"{INBOX}?q=nowhere", nothing),
    "preferences": (PREFERENCES, unfold),
    "problem": (f"{INBOX}?cursor=damaged", nothing),
    "bell": ("/bell/", ring),
    "API": (API, nothing),
}


@in_all_eight
def test_no_page_has_a_barrier(visit: Visit, alice: User) -> None:
    service = NotificationService()
    items = give(alice, 5, message="It is on its way.")
    service.mark_read(alice, items[0].pk)
    service.archive(alice, items[1].pk)
    Mute.objects.create(person=alice, subject="order:7", title="Shipped: Kite")
    found: dict[str, Any] = {}

    def story(page: Page) -> None:
        for name, (path, first) in SIGHTS.items():
            page.context.set_offline(False)
            page.goto(path)
            first(page)
            results = Axe().run(page, options={"runOnly": {"type": "tag", "values": TAGS}})
            if violations := results.response["violations"]:
                found[name] = [
                    (violation["id"], [node["html"][:200] for node in violation["nodes"]][:3])
                    for violation in violations
                ]

    visit(story)
    assert found == {}


@pytest.mark.parametrize("setting", [Setting("light", "ar", 320)], indirect=True, ids=str)
def test_no_word_is_left_in_the_language_of_the_source(visit: Visit, alice: User) -> None:
    service = NotificationService()
    items = give(alice, 5, title="طائرة ورقية", message="في الطريق إليك.")
    service.archive(alice, items[1].pk)
    Mute.objects.create(person=alice, subject="order:7", title="طائرة ورقية")
    found: dict[str, list[str]] = {}

    def story(page: Page) -> None:
        for name, (path, first) in SIGHTS.items():
            page.context.set_offline(False)
            page.goto(path)
            first(page)
            words = {word for text in page.evaluate(TEXTS) for word in re.findall(r"[A-Za-z]{2,}", text)}
            if left := words - KEYS - OF_THE_PROJECT:
                found[name] = sorted(left)

    visit(story)
    assert found == {}


KEYS = {"Ctrl", "Home", "End", "Page", "Up", "Down"}
OF_THE_PROJECT = {"Order", "Orders", "shipped", "returned", "Account", "locked", "Stock", "counted", "UTC"}
"""Names that the test project has in one language only, as it has the page around the bell."""

TEXTS = """() => {
  const found = [];
  const read = "clarion-bell, clarion-bell *, .clarion, .clarion *";
  for (const element of document.querySelectorAll(read)) {
    if (!element.checkVisibility() || element.closest("kbd, datalist, [lang=en]")) continue;
    for (const name of ["aria-label", "title", "placeholder"]) found.push(element.getAttribute(name) ?? "");
    for (const node of element.childNodes) if (node.nodeType === Node.TEXT_NODE) found.push(node.data);
  }
  return found;
}"""
"""Whatever of ours is read or heard on a page, but for keys and for what says that it is in English."""
