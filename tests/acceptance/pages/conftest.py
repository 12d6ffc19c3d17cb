"""A real Chromium in which Alice is signed in.

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
from playwright.sync_api import Browser, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

CHROMIUM = Path(os.environ.get("CLARION_CHROMIUM", "/usr/bin/chromium"))
INBOX, PREFERENCES = "/notifications/", "/notifications/preferences/"
API = "/api/v1/"

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
