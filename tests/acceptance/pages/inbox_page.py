"""What a reader finds on the inbox page, in whatever language it is."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from tests.acceptance.pages.conftest import INBOX
from tests.acceptance.pages.words import said


def arrive(page: Page, path: str = INBOX) -> None:
    """Open the page, and wait until the script has taken it over."""
    page.goto(path)
    expect(page.locator("[data-clarion-sheet]")).to_be_visible()


def row(page: Page, title: str) -> Locator:
    return page.get_by_role("article", name=title, exact=True)


def titles(page: Page) -> list[str]:
    return page.locator(".clarion-item h2").all_inner_texts()


def tool(page: Page, name: str, title: str) -> Locator:
    """Return a button that a row has in sight."""
    return page.get_by_role("button", name=f"{said(name)}: {title}", exact=True)


def more(page: Page, title: str) -> Locator:
    """Return what opens a row's menu."""
    return row(page, title).locator("summary").and_(page.get_by_label(f"{said('More')}: {title}", exact=True))


def state(page: Page, name: str) -> Locator:
    """Return the link to a state: "All", "Unread" and so on, whatever count stands behind it."""
    return page.get_by_role("navigation", name=said("Filter")).get_by_role("link", name=said(name))


def notice(page: Page) -> Locator:
    return page.locator(".clarion-notice")


def undo(page: Page) -> None:
    page.get_by_role("button", name=said("Undo")).click()
    expect(notice(page)).to_contain_text(said("Undone."))
