"""The bell's popover, and the preference page that saves itself."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Locator, Page, expect

from clarion.models import AppNotification, Mute, NotificationPreference
from tests.acceptance.pages.conftest import PREFERENCES, Visit
from tests.acceptance.pages.contrast import shows_focus
from tests.acceptance.pages.holding import holding
from tests.acceptance.pages.words import said, unread
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
        bell = page.get_by_role("button", name=unread(9))
        bell.focus()
        page.keyboard.press("Enter")
        popover = page.get_by_role("dialog", name=said("Notifications"))
        expect(popover.get_by_role("heading", name=said("Notifications"))).to_be_focused()
        expect(popover.get_by_role("article")).to_have_count(6)
        expect(bell).to_have_attribute("aria-expanded", "true")
        assert is_beside(popover, bell)
        page.keyboard.press("j")
        assert shows_focus(popover.get_by_role("article").first)
        page.keyboard.press("e")
        bell = page.get_by_role("button", name=unread(8))
        expect(bell).to_be_visible()
        expect(popover.get_by_role("article", name="News 8")).to_be_focused()
        page.keyboard.press("Escape")
        expect(popover).to_be_hidden()
        expect(bell).to_be_focused()

    visit(story)
    assert AppNotification.objects.filter(archived_at__isnull=False).count() == 1


def is_beside(popover: Locator, bell: Locator) -> bool:
    """Whether the popover hangs under the bell, and reaches over no side of the window."""
    box, anchor = popover.bounding_box(), bell.bounding_box()
    assert box is not None
    assert anchor is not None
    width = popover.evaluate("document.documentElement.clientWidth")
    middle = anchor["x"] + anchor["width"] / 2
    is_under = box["y"] >= anchor["y"] + anchor["height"] and box["x"] <= middle <= box["x"] + box["width"]
    return bool(is_under and box["x"] >= 0 and box["x"] + box["width"] <= width)


def test_without_javascript_the_bell_is_a_link(visit: Visit, alice: User) -> None:
    give(alice)

    def story(page: Page) -> None:
        page.goto("/bell/")
        page.get_by_role("link", name=unread(1)).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(said("Notifications"))

    visit(story, java_script_enabled=False)


def test_a_popover_says_that_it_waits_and_that_it_failed_and_tries_again(visit: Visit, alice: User) -> None:
    give(alice)

    def story(page: Page) -> None:
        page.goto("/bell/")
        with holding(page, "**/popover/") as first:
            page.get_by_role("button", name=unread(1)).click()
            expect(page.get_by_text(said("Loading…"))).to_be_focused()
            first().abort()
        expect(page.get_by_text(said("That did not work: the server could not be reached."))).to_be_visible()
        page.get_by_role("button", name=said("Try again")).click()
        expect(page.get_by_role("article", name="News 1")).to_be_visible()

    visit(story)


def test_a_popover_with_nothing_in_it_says_so(visit: Visit) -> None:
    def story(page: Page) -> None:
        page.goto("/bell/")
        page.get_by_role("button", name=said("Notifications, none unread")).click()
        popover = page.get_by_role("dialog")
        expect(popover).to_contain_text(said("You have no notifications yet."))
        expect(popover.get_by_role("link", name=said("All notifications"))).to_be_visible()

    visit(story)


def test_each_choice_is_saved_at_once_and_said(visit: Visit, alice: User) -> None:
    def story(page: Page) -> None:
        page.goto(PREFERENCES)
        expect(page.get_by_role("button", name=said("Save"))).to_be_hidden()
        page.get_by_text(said("Choose for each kind of event in “%(category)s”", category="Orders")).click()
        whole = page.get_by_role("group", name=said("Everything here")).first
        finer = page.get_by_role("group", name="Order shipped")
        whole.get_by_label(said("By e-mail")).uncheck()
        expect(finer.get_by_label(said("By e-mail"))).not_to_be_checked()
        expect(page.get_by_role("status")).to_have_text(said("Your choices are saved."))
        finer.get_by_label(said("In the app")).uncheck()
        finer.get_by_role("button", name=said("Again as for “%(category)s”", category="Orders")).click()
        expect(finer.get_by_label(said("In the app"))).to_be_checked()
        expect(
            finer.get_by_text(said("As for “%(category)s”", category="Orders"), exact=True)
        ).to_be_visible()

    visit(story)
    stored = NotificationPreference.objects.get(person=alice)
    assert (stored.categories, stored.event_types) == ({"orders": "apps"}, {})


def test_how_often_mails_come_is_saved_at_once_with_the_time_zone_of_the_browser(
    visit: Visit, alice: User
) -> None:
    def story(page: Page) -> None:
        page.goto(PREFERENCES)
        orders = page.get_by_role("region", name="Orders")
        expect(orders.get_by_label(said("E-mails"))).to_have_value("")
        orders.get_by_label(said("E-mails")).select_option(said("weekly, Mondays at 9:00"))
        expect(page.get_by_role("status")).to_have_text(said("Your choices are saved."))
        page.reload()
        expect(orders.get_by_label(said("E-mails"))).to_have_value("weekly")

    visit(story, timezone_id="Asia/Tokyo")
    stored = NotificationPreference.objects.get(person=alice)
    assert (stored.cadences, stored.time_zone) == ({"orders": "weekly"}, "Asia/Tokyo")


def test_without_javascript_how_often_mails_come_is_saved_with_the_rest(visit: Visit, alice: User) -> None:
    def story(page: Page) -> None:
        page.goto(PREFERENCES)
        page.get_by_role("region", name="Orders").get_by_label(said("E-mails")).select_option(
            said("every hour")
        )
        page.get_by_role("button", name=said("Save")).click()
        expect(page.get_by_role("status")).to_have_text(said("Your choices are saved."))

    visit(story, java_script_enabled=False)
    assert NotificationPreference.objects.get(person=alice).cadences == {"orders": "hourly"}


def test_quiet_hours_are_saved_once_both_times_are_given(visit: Visit, alice: User) -> None:
    def story(page: Page) -> None:
        page.goto(PREFERENCES)
        expect(page.get_by_label(said("Time zone"))).to_have_value("Asia/Tokyo")
        page.get_by_label(said("From"), exact=True).fill("22:00")
        page.get_by_label(said("Until"), exact=True).fill("07:00")
        expect(page.get_by_role("status")).to_have_text(said("Your choices are saved."))
        page.get_by_label(said("Time zone")).fill("Nowhere")
        page.get_by_label(said("Time zone")).blur()
        expect(page.locator(".clarion-problem")).to_contain_text(
            said("There is no such time zone; choose one from the list.")
        )

    visit(story, timezone_id="Asia/Tokyo")
    stored = NotificationPreference.objects.get(person=alice)
    assert (str(stored.quiet_from), stored.time_zone) == ("22:00:00", "Asia/Tokyo")


def test_a_mute_is_ended_without_losing_one_s_place(visit: Visit, alice: User) -> None:
    for number in (1, 2):
        Mute.objects.create(person=alice, subject=f"order:{number}", title=f"Order {number}")

    def story(page: Page) -> None:
        page.goto(PREFERENCES)
        page.get_by_role("button", name=f"{said('Unmute')}: Order 2").click()
        expect(page.get_by_role("button", name=f"{said('Unmute')}: Order 1")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name=said("Muted"))).to_be_focused()

    visit(story)
    assert not Mute.objects.exists()


def test_what_everyone_must_be_told_is_locked_and_says_why(visit: Visit) -> None:
    def story(page: Page) -> None:
        page.goto(PREFERENCES)
        locked = page.get_by_role("group", name="Account locked")
        for box in locked.get_by_role("checkbox").all():
            expect(box).to_be_checked()
            expect(box).to_be_disabled()
        expect(locked).to_contain_text(said("This cannot be turned off: everyone concerned must be told."))

    visit(story)
