"""The bell's popover, and the preference page that saves itself."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from clarion.models import AppNotification, Mute, NotificationPreference
from tests.acceptance.pages.conftest import PREFERENCES, Visit
from tests.integration.inbox.items import give

pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.django_db(transaction=True),
    pytest.mark.proves_most_on("sqlite", reason="pages are the same on every database"),
]


def test_the_bell_opens_a_popover_that_works_by_key_and_closes_again(visit: Visit, alice: User) -> None:
    give(alice, 9)

    def story(page: Page) -> None:
        page.goto("/bell/")
        bell = page.get_by_role("button", name="Notifications, 9 unread")
        bell.focus()
        page.keyboard.press("Enter")
        popover = page.get_by_role("dialog", name="Notifications")
        expect(popover.get_by_role("heading", name="Notifications")).to_be_focused()
        expect(popover.get_by_role("article")).to_have_count(6)
        expect(page.locator("a.clarion-bell")).to_have_attribute("aria-expanded", "true")
        page.keyboard.press("j")
        page.keyboard.press("e")
        expect(page.get_by_role("button", name="Notifications, 8 unread")).to_be_visible()
        expect(popover.get_by_role("article", name="News 8")).to_be_focused()
        page.keyboard.press("Escape")
        expect(popover).to_be_hidden()
        expect(page.locator("a.clarion-bell")).to_be_focused()

    visit(story)
    assert AppNotification.objects.filter(archived_at__isnull=False).count() == 1


def test_without_javascript_the_bell_is_a_link(visit: Visit, alice: User) -> None:
    give(alice)

    def story(page: Page) -> None:
        page.goto("/bell/")
        page.get_by_role("link", name="Notifications, 1 unread").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Notifications")

    visit(story, java_script_enabled=False)


def test_a_popover_that_cannot_be_fetched_says_so_and_tries_again(visit: Visit, alice: User) -> None:
    give(alice)

    def story(page: Page) -> None:
        page.goto("/bell/")
        page.route("**/popover/", lambda route: route.abort())
        page.locator("a.clarion-bell").click()
        expect(page.get_by_text("That did not work")).to_be_visible()
        page.unroute("**/popover/")
        page.get_by_role("button", name="Try again").click()
        expect(page.get_by_role("article", name="News 1")).to_be_visible()

    visit(story)


def test_each_choice_is_saved_at_once_and_said(visit: Visit, alice: User) -> None:
    def story(page: Page) -> None:
        page.goto(PREFERENCES)
        expect(page.get_by_role("button", name="Save")).to_be_hidden()
        page.get_by_text("Choose for each kind of event").click()
        whole = page.get_by_role("group", name="Everything here")
        finer = page.get_by_role("group", name="Order shipped")
        whole.get_by_label("By e-mail").uncheck()
        expect(finer.get_by_label("By e-mail")).not_to_be_checked()
        expect(page.get_by_role("status")).to_have_text("Your choices are saved.")
        finer.get_by_label("In the app").uncheck()
        finer.get_by_role("button", name="Again as for “Orders”").click()
        expect(finer.get_by_label("In the app")).to_be_checked()
        expect(finer.get_by_text("As for “Orders”", exact=True)).to_be_visible()

    visit(story)
    stored = NotificationPreference.objects.get(person=alice)
    assert (stored.categories, stored.event_types) == ({"orders": "apps"}, {})


def test_how_often_mails_come_is_saved_at_once_with_the_time_zone_of_the_browser(
    visit: Visit, alice: User
) -> None:
    def story(page: Page) -> None:
        page.goto(PREFERENCES)
        orders = page.get_by_role("region", name="Orders")
        expect(orders.get_by_label("E-mails")).to_have_value("")
        orders.get_by_label("E-mails").select_option("weekly, Mondays at 9:00")
        expect(page.get_by_role("status")).to_have_text("Your choices are saved.")
        page.reload()
        expect(orders.get_by_label("E-mails")).to_have_value("weekly")

    visit(story, timezone_id="Asia/Tokyo")
    stored = NotificationPreference.objects.get(person=alice)
    assert (stored.cadences, stored.time_zone) == ({"orders": "weekly"}, "Asia/Tokyo")


def test_without_javascript_how_often_mails_come_is_saved_with_the_rest(visit: Visit, alice: User) -> None:
    def story(page: Page) -> None:
        page.goto(PREFERENCES)
        page.get_by_role("region", name="Orders").get_by_label("E-mails").select_option("every hour")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("status")).to_have_text("Your choices are saved.")

    visit(story, java_script_enabled=False)
    assert NotificationPreference.objects.get(person=alice).cadences == {"orders": "hourly"}


def test_quiet_hours_are_saved_once_both_times_are_given(visit: Visit, alice: User) -> None:
    def story(page: Page) -> None:
        page.goto(PREFERENCES)
        expect(page.get_by_label("Time zone")).to_have_value("Asia/Tokyo")
        page.get_by_label("From").fill("22:00")
        page.get_by_label("Until").fill("07:00")
        expect(page.get_by_role("status")).to_have_text("Your choices are saved.")
        page.get_by_label("Time zone").fill("Nowhere")
        page.get_by_label("Time zone").blur()
        expect(page.locator(".clarion-problem")).to_contain_text("There is no such time zone")

    visit(story, timezone_id="Asia/Tokyo")
    stored = NotificationPreference.objects.get(person=alice)
    assert (str(stored.quiet_from), stored.time_zone) == ("22:00:00", "Asia/Tokyo")


def test_a_mute_is_ended_without_losing_one_s_place(visit: Visit, alice: User) -> None:
    for number in (1, 2):
        Mute.objects.create(person=alice, subject=f"order:{number}", title=f"Order {number}")

    def story(page: Page) -> None:
        page.goto(PREFERENCES)
        page.get_by_role("button", name="Unmute: Order 2").click()
        expect(page.get_by_role("button", name="Unmute: Order 1")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Muted")).to_be_focused()

    visit(story)
    assert not Mute.objects.exists()
