"""A real Chromium in which Alice is signed in, and the settings in which every story is played.

Chromium is `/usr/bin/chromium`, or what `CLARION_CHROMIUM` names.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import translation
from playwright.sync_api import Browser, Page, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

CHROMIUM = Path(os.environ.get("CLARION_CHROMIUM", "/usr/bin/chromium"))
INBOX, PREFERENCES = "/notifications/", "/notifications/preferences/"
API = "/api/v1/"

DEADLINE = 20_000
"""Milliseconds to wait for anything on a page; far more than it takes on an idle machine."""

Story = Callable[[Page], None]
Visit = Callable[..., None]


class Setting(NamedTuple):
    """How somebody looks at a page."""

    scheme: str
    language: str
    width: int

    @property
    def options(self) -> dict[str, Any]:
        """Those of a browser context."""
        return {
            "color_scheme": self.scheme,
            "locale": self.language,
            "viewport": {"width": self.width, "height": 800},
        }

    def __str__(self) -> str:
        """Return it as the name of a test has it."""
        return f"{self.scheme}-{self.language}-{self.width}"


PLAIN = Setting("light", "en", 1280)
SETTINGS = (PLAIN, Setting("light", "ar", 320), Setting("dark", "en", 320), Setting("dark", "ar", 1280))
"""Half of the eight there are, such that any two values meet: half the time, and no pair of them unseen."""

in_one_setting = pytest.mark.parametrize("setting", [PLAIN], indirect=True, ids=str)
"""For stories that no setting can change."""

in_all_eight = pytest.mark.parametrize(
    "setting",
    [Setting(*each) for each in product(("light", "dark"), ("en", "ar"), (320, 1280))],
    indirect=True,
    ids=str,
)
"""For what looks at everything, and is no story."""


class Chromium(NamedTuple):
    """A browser, and the thread it lives in.

    Playwright runs an event loop in its thread, where Django refuses to use the database; so that thread
    is not the test's own.
    """

    thread: ThreadPoolExecutor
    browser: Browser


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chromium]:
    if not CHROMIUM.exists():
        problem = f"No browser at {CHROMIUM}: install Chromium, or name one in CLARION_CHROMIUM."
        if os.environ.get("CI") == "true":
            pytest.fail(problem)
        pytest.skip(f"THE PAGES WERE NOT TESTED IN A BROWSER. {problem}")
    with ThreadPoolExecutor(max_workers=1) as thread:
        expect.set_options(timeout=DEADLINE)
        playwright = thread.submit(sync_playwright().start).result()
        launch = playwright.chromium.launch
        flags = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        browser = thread.submit(launch, executable_path=CHROMIUM, args=flags).result()
        yield Chromium(thread, browser)
        thread.submit(browser.close).result()
        thread.submit(playwright.stop).result()


@pytest.fixture(params=SETTINGS, ids=str)
def setting(request: pytest.FixtureRequest) -> Setting:
    """Light and dark, left to right and right to left, a phone's width and a desk's."""
    chosen: Setting = request.param
    return chosen


@pytest.fixture
def visit(chromium: Chromium, live_server: LiveServer, alice: User, setting: Setting) -> Visit:
    """Play a story in a browser in which Alice is signed in; options are those of a browser context.

    The story speaks the setting's language: what it takes from gettext is what the page says. No story may
    leave a page behind that has to be scrolled sideways.
    """
    client = Client()
    client.force_login(alice)
    cookies: Any = [
        {"name": name, "value": morsel.value, "url": live_server.url}
        for name, morsel in client.cookies.items()
    ]

    def visit(story: Story, **options: Any) -> None:
        def play() -> None:
            base: dict[str, Any] = {"base_url": live_server.url}
            context = chromium.browser.new_context(**base | setting.options | options)
            context.set_default_timeout(DEADLINE)
            context.add_cookies(cookies)
            page = context.new_page()
            try:
                with translation.override(setting.language):
                    story(page)
                assert overflow(page) == 0
            finally:
                context.close()

        chromium.thread.submit(play).result()

    return visit


def overflow(page: Page) -> int:
    """Return by how many pixels the page is wider than its window."""
    width: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return width


@pytest.fixture
def alice(transactional_db: None) -> User:
    return User.objects.create_user("alice", "alice@people.example")
