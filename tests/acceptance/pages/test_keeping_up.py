"""The list while things go on elsewhere: what is read out, what is offered, what is said of a failure."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from playwright.sync_api import Page, Route, expect

from clarion.models import AppNotification
from tests.acceptance.pages.conftest import Visit
from tests.acceptance.pages.inbox_page import arrive, notice, row, state, titles, tool
from tests.acceptance.pages.words import counted, said
from tests.integration.inbox.items import give

pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.django_db(transaction=True),
    pytest.mark.proves_most_on("sqlite", reason="pages are the same on every database"),
]


def test_changes_are_read_out_once_they_have_come_to_rest(visit: Visit, alice: User) -> None:
    give(alice, 4)

    def story(page: Page) -> None:
        archived = counted("Archived.", "%(count)d notifications archived.", 1)
        marked_as_read = counted("Marked as read.", "%(count)d notifications marked as read.", 1)
        page.clock.install()
        arrive(page)
        page.evaluate("""() => {
          window.heard = [];
          const live = document.querySelector("[role=status]");
          new MutationObserver(() => window.heard.push(live.textContent))
            .observe(live, { childList: true, characterData: true, subtree: true });
        }""")
        expect(page.get_by_role("status")).to_have_count(1)
        page.clock.pause_at(datetime.now(UTC) + timedelta(hours=1))
        page.keyboard.press("j")
        page.keyboard.press("e")
        expect(notice(page)).to_contain_text(archived)
        page.clock.run_for(300)
        page.keyboard.press("u")
        expect(notice(page)).to_contain_text(marked_as_read)
        page.clock.run_for(300)
        assert page.evaluate("window.heard") == []
        page.clock.run_for(300)
        assert page.evaluate("window.heard") == [marked_as_read]

    visit(story)


def give_and_close(person: User) -> None:
    give(person, 3)
    connection.close()


def test_what_is_new_is_offered_and_not_inserted(visit: Visit, alice: User) -> None:
    give(alice, 2)

    def story(page: Page) -> None:
        arrive(page)
        page.keyboard.press("j")
        with ThreadPoolExecutor(max_workers=1) as thread:  # where the browser is, no database may be used
            thread.submit(give_and_close, alice).result()
        page.evaluate("document.dispatchEvent(new CustomEvent('clarion:change', { detail: {} }))")
        news = counted("%(count)d new notification", "%(count)d new notifications", 3)
        offer = page.get_by_role("button", name=news)
        expect(offer).to_be_visible()
        assert titles(page) == ["News 2", "News 1"]
        expect(row(page, "News 2")).to_be_focused()
        expect(page.get_by_role("status")).to_have_text(news)
        offer.click()
        expect(page.get_by_role("article")).to_have_count(5)
        expect(row(page, "News 3")).to_be_focused()
        expect(offer).to_be_hidden()

    visit(story)


def test_what_was_done_elsewhere_is_done_here_but_not_under_the_focus(visit: Visit, alice: User) -> None:
    first, second, _ = give(alice, 3)

    def story(page: Page) -> None:
        arrive(page)
        page.keyboard.press("j")
        for action, item in (("archive", first.pk), ("read", second.pk)):
            page.evaluate(ELSEWHERE, [action, str(item)])
        page.evaluate("document.dispatchEvent(new CustomEvent('clarion:change', { detail: {} }))")
        expect(row(page, "News 1")).to_have_count(0)
        expect(row(page, "News 2")).not_to_have_class(re.compile("clarion-unread"))
        expect(row(page, "News 3")).to_be_focused()
        expect(state(page, "Unread")).to_contain_text("(1)")

    visit(story)


def test_whoever_is_offline_is_told_and_nothing_is_lost(visit: Visit, alice: User) -> None:
    give(alice, 2)

    def story(page: Page) -> None:
        problem = page.locator(".clarion-problem")
        arrive(page)
        page.context.set_offline(True)
        expect(problem).to_contain_text(said("You are offline. What you see may be out of date."))
        tool(page, "Archive", "News 2").click()
        expect(problem).to_contain_text(said("That did not work: the server could not be reached."))
        expect(row(page, "News 2")).to_be_visible()
        page.context.set_offline(False)
        expect(notice(page)).to_contain_text(said("You are online again."))
        tool(page, "Archive", "News 2").click()
        expect(row(page, "News 2")).to_have_count(0)

    visit(story)


def test_what_the_server_could_not_do_is_said_and_tried_again(visit: Visit, alice: User) -> None:
    give(alice, 2)

    def story(page: Page) -> None:
        problem = page.locator(".clarion-problem")
        arrive(page)

        def fail(route: Route) -> None:
            route.fulfill(status=503)

        page.route("**/change/", fail)
        tool(page, "Archive", "News 2").click()
        expect(problem).to_contain_text(said("That did not work: the server could not be reached."))
        page.unroute("**/change/", fail)
        page.get_by_role("button", name=said("Try again")).click()
        expect(row(page, "News 2")).to_have_count(0)
        expect(problem).to_have_count(0)

    visit(story)


def test_what_was_in_sight_is_seen_and_not_read(visit: Visit, alice: User) -> None:
    give(alice, 2)

    def story(page: Page) -> None:
        with page.expect_response(lambda answer: "/change/" in answer.url):
            arrive(page)

    visit(story)
    assert AppNotification.objects.filter(seen_at__isnull=False, is_read=False).count() == 2


def test_times_are_those_of_the_reader_s_clock_and_language(visit: Visit, alice: User) -> None:
    (item,) = give(alice)

    def story(page: Page) -> None:
        arrive(page)
        time = page.locator(".clarion-detail time")
        said_so, whole = page.evaluate(TIMES, item.created_at.isoformat())
        expect(time).to_have_text(re.compile("|".join(map(re.escape, said_so))))
        expect(time).to_have_attribute("title", whole)

    visit(story, timezone_id="Asia/Kolkata")


TIMES = """text => {
  const language = document.documentElement.lang;
  const distance = new Intl.RelativeTimeFormat(language, { numeric: "auto", style: "short" });
  const whole = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
  return [[distance.format(0, "second"), distance.format(-1, "minute")], whole.format(new Date(text))];
}"""
"""How a moment just past may be told, and what the clock said then."""


ELSEWHERE = """([action, ids]) => {
  const data = new FormData();
  data.set("action", action);
  data.set("ids", ids);
  data.set("csrfmiddlewaretoken", document.querySelector("[name=csrfmiddlewaretoken]").value);
  const headers = { Accept: "application/json" };
  return fetch("/notifications/change/", { method: "POST", body: data, headers });
}"""
"""What another tab would do."""
