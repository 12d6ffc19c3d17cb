"""A live site, and Chromium before it."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, sync_playwright
from pytest_django import Settings

from tests.acceptance.engines.services import REDIS, need
from tests.acceptance.live.site import Site

CHROMIUM = Path(os.environ.get("CLARION_CHROMIUM", "/usr/bin/chromium"))

Story = Callable[[BrowserContext], None]
Visit = Callable[..., None]


class Chromium(NamedTuple):
    """A browser, and the thread it lives in: Playwright runs an event loop, where Django refuses to work."""

    thread: ThreadPoolExecutor
    browser: Browser


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chromium]:
    if not CHROMIUM.exists():
        problem = f"No browser at {CHROMIUM}: install Chromium, or name one in CLARION_CHROMIUM."
        if os.environ.get("CI") == "true":
            pytest.fail(problem)
        pytest.skip(f"LIVE PAGES WERE NOT TESTED IN A BROWSER. {problem}")
    with ThreadPoolExecutor(max_workers=1) as thread:
        playwright = thread.submit(sync_playwright().start).result()
        flags = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        launch = playwright.chromium.launch
        browser = thread.submit(launch, executable_path=CHROMIUM, args=flags).result()
        yield Chromium(thread, browser)
        thread.submit(browser.close).result()
        thread.submit(playwright.stop).result()


@pytest.fixture
def realtime() -> dict[str, Any]:
    """PostgreSQL's broadcaster on PostgreSQL, Redis's elsewhere."""
    if connection.vendor == "postgresql":
        return {"BACKEND": "clarion.contrib.postgres.broadcaster.PostgresBroadcaster"}
    need(REDIS)
    options = {"url": REDIS, "channel": f"test-{uuid.uuid4()}"}
    return {"BACKEND": "clarion.contrib.redis.broadcaster.RedisBroadcaster", "OPTIONS": options}


@pytest.fixture
def site(
    process_environment: dict[str, str], realtime: dict[str, Any], settings: Settings, tmp_path: Path
) -> Iterator[Site]:
    """The site, which this process announces to as well."""
    settings.CLARION = {**settings.CLARION, "REALTIME": realtime}
    site = Site(process_environment, realtime, tmp_path / "log")
    site.start()
    yield site
    site.stop()


@pytest.fixture
def alice(transactional_db: None) -> User:
    return User.objects.create_user("alice", "alice@people.example")


@pytest.fixture
def visit(chromium: Chromium, alice: User) -> Visit:
    """Play a story in a browser in which Alice is signed in."""

    def visit(url: str, story: Story) -> None:
        client = Client()
        client.force_login(alice)
        cookies: Any = [
            {"name": name, "value": morsel.value, "url": url} for name, morsel in client.cookies.items()
        ]

        def play() -> None:
            context = chromium.browser.new_context(base_url=url, locale="en")
            context.set_default_timeout(10_000)
            context.add_cookies(cookies)
            try:
                story(context)
            finally:
                context.close()

        chromium.thread.submit(play).result()

    return visit
