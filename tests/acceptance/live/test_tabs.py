"""Several tabs of one browser: all of them up to date, over one connection."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.models import User
from django.db import connection
from playwright.sync_api import BrowserContext, Page, Request, expect
from pytest_django.live_server_helper import LiveServer

from clarion.inbox.service import NotificationService
from tests.acceptance.live.conftest import Visit
from tests.acceptance.live.site import Site
from tests.integration.orders import ship

pytestmark = [pytest.mark.acceptance, pytest.mark.django_db(transaction=True)]

HOME = "/bell/"
SOON = 5_000

Do = Callable[[Callable[[], object]], object]


@pytest.fixture
def do() -> Iterator[Do]:
    """Do something with the database while a story is being played, whose thread may not."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        yield lambda work: thread.submit(work).result()
        # Looked up in that thread, whose connection it is.
        thread.submit(lambda: connection.close()).result()  # noqa: PLW0108


def open_tab(context: BrowserContext) -> Page:
    page = context.new_page()
    page.goto(HOME)
    return page


def expect_unread(page: Page, count: int, timeout: int = SOON) -> None:
    name = f"Notifications, {count} unread" if count else "Notifications, none unread"
    expect(page.get_by_label(name, exact=True)).to_be_attached(timeout=timeout)


class Streams:
    """The streams that a browser holds open now."""

    def __init__(self, context: BrowserContext) -> None:
        self.open: set[Request] = set()
        self.begun = 0
        context.on("request", self._add)
        context.on("requestfinished", self._remove)
        context.on("requestfailed", self._remove)

    def _add(self, request: Request) -> None:
        if request.url.endswith("/stream/"):
            self.open.add(request)
            self.begun += 1

    def _remove(self, request: Request) -> None:
        self.open.discard(request)

    def expect(self, count: int, page: Page) -> None:
        end = time.monotonic() + SOON / 1000
        while self._count() != count and time.monotonic() < end:
            page.wait_for_timeout(20)
        assert self._count() == count

    def _count(self) -> int:
        # Chromium does not say that a request of a tab has ended which is closed.
        return sum(not request.frame.page.is_closed() for request in self.open)


def hide(page: Page, state: str = "hidden") -> None:
    """Tell the page that it is out of sight: without a window every tab is in sight."""
    page.evaluate(
        """state => {
          Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
          document.dispatchEvent(new Event("visibilitychange"));
        }""",
        state,
    )


def test_what_happens_shows_in_every_tab_over_one_connection(
    visit: Visit, site: Site, alice: User, do: Do
) -> None:
    def story(context: BrowserContext) -> None:
        streams = Streams(context)
        tabs = [open_tab(context) for _ in range(3)]
        streams.expect(1, tabs[0])
        for count in (1, 2):
            do(lambda: ship(alice))
            for tab in tabs:
                expect_unread(tab, count)
        do(lambda: NotificationService().mark_all_as_read(alice))
        for tab in tabs:
            expect_unread(tab, 0)
        assert streams.begun == 1

    visit(site.url, story)


def test_when_the_tab_with_the_connection_closes_another_takes_over_and_misses_nothing(
    visit: Visit, site: Site, alice: User, do: Do
) -> None:
    def story(context: BrowserContext) -> None:
        streams = Streams(context)
        first, second = open_tab(context), open_tab(context)
        streams.expect(1, first)
        first.close()
        do(lambda: ship(alice))
        expect_unread(second, 1)
        streams.expect(1, second)

    visit(site.url, story)


def test_hidden_tabs_hold_no_connection_and_catch_up_when_they_are_seen(
    visit: Visit, site: Site, alice: User, do: Do
) -> None:
    def story(context: BrowserContext) -> None:
        streams = Streams(context)
        first, second = open_tab(context), open_tab(context)
        streams.expect(1, first)
        for tab in (first, second):
            hide(tab)
        streams.expect(0, first)
        do(lambda: ship(alice))
        hide(second, "visible")
        expect_unread(second, 1)
        # Hidden tabs hear what the one in sight hears: it costs them nothing.
        expect_unread(first, 1)
        streams.expect(1, first)

    visit(site.url, story)


def test_a_server_that_goes_away_and_comes_back_leaves_nothing_out(
    visit: Visit, site: Site, alice: User, do: Do
) -> None:
    def story(context: BrowserContext) -> None:
        tab = open_tab(context)
        do(lambda: ship(alice))
        expect_unread(tab, 1)
        for count in (2, 3):
            site.crash()
            do(lambda: ship(alice))
            site.start()
            expect_unread(tab, count, timeout=20_000)

    visit(site.url, story)


def test_without_streams_pages_poll(visit: Visit, live_server: LiveServer, alice: User, do: Do) -> None:
    def story(context: BrowserContext) -> None:
        context.clock.install()
        answers: list[int] = []
        context.on(
            "response", lambda answer: answers.append(answer.status) if "/state/" in answer.url else None
        )
        first, second = open_tab(context), open_tab(context)
        do(lambda: ship(alice))
        first.clock.run_for(13_000)
        expect_unread(first, 1)
        expect_unread(second, 1)
        assert len(answers) <= 3

    visit(live_server.url, story)


def test_what_is_done_in_one_tab_shows_in_the_others_without_streams(
    visit: Visit, live_server: LiveServer, alice: User, do: Do
) -> None:
    ship(alice)

    def story(context: BrowserContext) -> None:
        first, second = open_tab(context), open_tab(context)
        expect_unread(first, 1)
        do(lambda: NotificationService().mark_all_as_read(alice))
        second.evaluate("document.dispatchEvent(new Event('clarion:acted'))")
        expect_unread(first, 0)
        expect_unread(second, 0)

    visit(live_server.url, story)


def test_after_signing_out_a_page_stops_asking(
    visit: Visit, live_server: LiveServer, alice: User, do: Do
) -> None:
    def story(context: BrowserContext) -> None:
        tab = open_tab(context)
        tab.wait_for_load_state("networkidle")
        context.clear_cookies()
        said = tab.evaluate_handle(
            "new Promise(said => document.addEventListener('clarion:status', event => said(event.detail)))"
        )
        tab.evaluate("document.dispatchEvent(new Event('clarion:acted'))")
        assert said.json_value() == "signed-out"

    visit(live_server.url, story)
