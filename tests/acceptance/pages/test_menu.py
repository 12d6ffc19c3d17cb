"""The menu of a row: what is put off until later, and what one wants to hear no more of."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Locator, Page, expect

from clarion.inbox.service import NotificationService
from clarion.models import AppNotification, Mute, NotifiableEvent, NotificationPreference
from tests.acceptance.pages.conftest import Visit
from tests.acceptance.pages.inbox_page import arrive, more, notice, row, state, tool, undo
from tests.acceptance.pages.words import counted, said
from tests.integration.happenings import happen, happenings
from tests.integration.inbox.items import give

pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.django_db(transaction=True),
    pytest.mark.proves_most_on("sqlite", reason="pages are the same on every database"),
]


def choose(page: Page, title: str, text: str) -> None:
    """Open a row's menu, and take what is called so there."""
    more(page, title).click()
    page.get_by_role("button", name=text, exact=True).click()


def hangs_below(menu: Locator) -> bool:
    """Whether the whole of it is within the window's sides, and covers neither its button nor the title."""
    is_below: bool = menu.evaluate("""menu => {
      const { left, right, top, bottom } = menu.getBoundingClientRect();
      const button = menu.previousElementSibling.getBoundingClientRect();
      const title = menu.closest("article").querySelector("h2").getBoundingClientRect();
      const last = menu.lastElementChild.getBoundingClientRect();
      return left >= 0 && right <= document.documentElement.clientWidth && last.bottom <= bottom
        && top >= button.bottom && top - button.bottom < 16 && top >= title.bottom;
    }""")
    return is_below


def test_one_menu_is_open_at_a_time_and_hangs_below_its_button(visit: Visit, alice: User) -> None:
    give(alice, 3)

    def story(page: Page) -> None:
        arrive(page)
        for title in ("News 2", "News 3"):
            more(page, title).click()
            menu = page.get_by_role("group", name=f"{said('More')}: {title}")
            expect(menu).to_be_visible()
            assert hangs_below(menu)
        expect(page.locator(".clarion-menu:visible")).to_have_count(1)
        page.get_by_role("heading", level=1).click()
        expect(page.locator(".clarion-menu:visible")).to_have_count(0)

    visit(story)


def test_a_menu_closes_when_the_keyboard_leaves_it(visit: Visit, alice: User) -> None:
    give(alice, 2)

    def story(page: Page) -> None:
        arrive(page)
        more(page, "News 2").focus()
        page.keyboard.press("Enter")
        menu = page.get_by_role("group", name=f"{said('More')}: News 2")
        expect(menu).to_be_visible()
        expect(more(page, "News 1")).to_be_hidden()
        menu.get_by_role("button").last.focus()
        expect(menu).to_be_visible()
        page.keyboard.press("Tab")
        expect(menu).to_be_hidden()
        expect(row(page, "News 1").get_by_role("link")).to_be_focused()
        page.keyboard.press("Tab")
        expect(row(page, "News 1").get_by_role("button").first).to_be_focused()

    visit(story)


def test_what_is_snoozed_goes_comes_back_by_undo_and_waits_among_the_snoozed(
    visit: Visit, alice: User
) -> None:
    give(alice, 2)

    def story(page: Page) -> None:
        arrive(page)
        for preset in ("For one hour", "For four hours", "Until tomorrow morning", "Until Monday morning"):
            choose(page, "News 2", said(preset))
            expect(row(page, "News 2")).to_have_count(0)
            expect(row(page, "News 1")).to_be_focused()
            undo(page)
            expect(row(page, "News 2")).to_be_focused()
        choose(page, "News 2", said("For one hour"))
        expect(notice(page)).to_contain_text(counted("Snoozed.", "%(count)d notifications snoozed.", 1))
        state(page, "Snoozed").click()
        expect(row(page, "News 2")).to_contain_text(said("Snoozed until"))
        choose(page, "News 2", said("Stop snoozing"))
        expect(page.get_by_text(said("You have snoozed nothing."))).to_be_visible()

    visit(story)
    assert NotificationService().get_counts(alice).snoozed == 0


def test_a_moment_of_one_s_own_is_picked_in_one_s_own_time(visit: Visit, alice: User) -> None:
    give(alice)

    def story(page: Page) -> None:
        arrive(page)
        more(page, "News 1").click()
        day = page.evaluate("new Date(Date.now() + 2 * 864e5).toISOString().slice(0, 10)")
        page.get_by_label(said("Snooze until")).fill(f"{day}T09:30")
        page.get_by_role("button", name=said("Snooze"), exact=True).click()
        expect(notice(page)).to_contain_text(counted("Snoozed.", "%(count)d notifications snoozed.", 1))

    visit(story, timezone_id="Asia/Tokyo")
    until = AppNotification.objects.get().snoozed_until
    assert until is not None
    assert f"{until:%H:%M}" == "00:30"


def test_a_kind_is_turned_off_where_it_is_read_and_on_again(visit: Visit, alice: User) -> None:
    give(alice)

    def story(page: Page) -> None:
        turn_off = said("Turn these off: “%(kind)s”", kind="Order shipped")
        arrive(page)
        for take_back in (undo, turn_on, None):
            choose(page, "News 1", turn_off)
            expect(notice(page)).to_contain_text(said("You will hear no more of this kind."))
            expect(row(page, "News 1")).to_be_focused()
            if take_back:
                take_back(page)

    def turn_on(page: Page) -> None:
        choose(page, "News 1", said("Turn “%(kind)s” on again", kind="Order shipped"))
        expect(notice(page)).to_contain_text(said("You will hear of this kind again."))

    visit(story)
    assert NotificationPreference.objects.get(person=alice).event_types == {"order.shipped": "none"}


def test_what_a_notification_is_about_is_muted_and_heard_of_again(visit: Visit, alice: User) -> None:
    with happenings(subject="place:{text}"):
        event = happen(text="harbour")
    (item,) = give(alice, title="It rains")
    NotifiableEvent.objects.filter(pk=item.event_id).update(event_log=event)

    def story(page: Page) -> None:
        muted = said("Muted. You will hear no more of this, unless everyone concerned must be told.")
        arrive(page)
        for take_back in (undo, unmute, None):
            choose(page, "It rains", said("Mute what this is about"))
            expect(notice(page)).to_contain_text(muted)
            expect(row(page, "It rains")).to_be_focused()
            if take_back:
                take_back(page)

    def unmute(page: Page) -> None:
        choose(page, "It rains", said("Hear of what this is about again"))
        expect(notice(page)).to_contain_text(said("No longer muted."))

    visit(story)
    assert Mute.objects.get(person=alice).subject == "place:harbour"


def test_what_everyone_must_be_told_says_why_it_cannot_be_turned_off(visit: Visit, alice: User) -> None:
    give(alice, event_type="account.locked", title="Your account is locked")

    def story(page: Page) -> None:
        arrive(page)
        more(page, "Your account is locked").click()
        menu = page.locator(".clarion-menu")
        expect(menu).to_contain_text(said("This kind cannot be turned off: everyone concerned must be told."))
        expect(menu.get_by_role("button", name=said("Mute what this is about"))).to_have_count(0)

    visit(story)


def test_what_was_archived_is_among_the_archived_and_moves_back(visit: Visit, alice: User) -> None:
    give(alice, 2)

    def story(page: Page) -> None:
        arrive(page)
        tool(page, "Archive", "News 2").click()
        expect(notice(page)).to_contain_text(counted("Archived.", "%(count)d notifications archived.", 1))
        expect(row(page, "News 1")).to_be_focused()
        undo(page)
        tool(page, "Archive", "News 2").click()
        expect(row(page, "News 2")).to_have_count(0)
        state(page, "Archived").click()
        tool(page, "Move to the inbox", "News 2").click()
        expect(page.get_by_text(said("You have archived nothing."))).to_be_visible()
        state(page, "All").click()
        expect(page.get_by_role("article")).to_have_count(2)

    visit(story)
