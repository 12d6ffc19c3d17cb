"""The preference page: what a person can choose, and what they cannot."""

import re
from threading import Barrier, Thread
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from clarion.models import Mute, NotificationPreference
from tests.integration.happenings import happenings
from tests.testapp.events import ACCOUNT

PATH = "/notifications/preferences/"
BOTH = ["app", "email"]
ROWS = ["category-orders", "event-order.shipped", "event-order.returned", "event-stock.counted"]
CHOICES: dict[str, Any] = {"row": ROWS, **dict.fromkeys(ROWS, BOTH)}
"""What the page sends when nobody has touched it."""


@pytest.fixture
def browser(client: Client, alice: User) -> Client:
    """A browser in which Alice is signed in."""
    client.force_login(alice)
    return client


def preference_of(person: User) -> NotificationPreference:
    return NotificationPreference.objects.get(person=person)


def chosen(page: str, row: str) -> list[str]:
    """Return the channels whose boxes are on."""
    return re.findall(rf'name="{re.escape(row)}" value="(\w+)" checked', page)


def test_a_person_without_a_record_sees_the_default(browser: Client) -> None:
    page = browser.get(PATH).content.decode()
    assert chosen(page, "category-orders") == BOTH
    assert chosen(page, "event-order.shipped") == BOTH


def test_looking_creates_no_record(browser: Client) -> None:
    browser.get(PATH)
    assert not NotificationPreference.objects.exists()


def test_a_choice_is_saved_shown_and_said(browser: Client, alice: User) -> None:
    changes = {"category-orders": ["email"], "event-order.shipped": []}
    answer = browser.post(PATH, CHOICES | changes, follow=True)
    assert [status for _, status in answer.redirect_chain] == [302]
    page = answer.content.decode()
    assert "<span>Your choices are saved.</span>" in page
    assert chosen(page, "category-orders") == ["email"]
    assert chosen(page, "event-order.shipped") == []
    assert preference_of(alice).categories == {"orders": "email"}
    assert preference_of(alice).event_types == {"order.shipped": "none"}


def test_what_was_not_touched_goes_on_following_its_category(browser: Client, alice: User) -> None:
    browser.post(PATH, CHOICES | {"category-orders": ["app"]})
    assert preference_of(alice).event_types == {}
    page = browser.get(PATH).content.decode()
    assert chosen(page, "event-order.shipped") == ["app"]


def test_a_finer_choice_is_forgotten_by_a_button_or_by_choosing_as_the_category_does(
    browser: Client, alice: User
) -> None:
    NotificationPreference.objects.create(
        person=alice, event_types={"order.shipped": "none", "order.returned": "apps"}
    )
    sent = CHOICES | {
        "event-order.shipped": [],
        "event-order.returned": BOTH,
        "follow": "event-order.shipped",
    }
    browser.post(PATH, sent)
    assert preference_of(alice).event_types == {}


def test_what_the_page_does_not_ask_for_stays(browser: Client, alice: User) -> None:
    NotificationPreference.objects.create(person=alice, categories={"retired": "none"})
    browser.post(PATH, {"row": "category-orders", "category-orders": "app"})
    assert preference_of(alice).categories == {"retired": "none", "orders": "apps"}
    assert preference_of(alice).event_types == {}


def test_nobody_changes_what_others_chose(browser: Client, alice: User, bob: User) -> None:
    NotificationPreference.objects.create(person=bob, categories={"orders": "none"})
    browser.post(PATH, CHOICES | {"person": str(bob.pk), "category-orders": "app"})
    assert preference_of(bob).categories == {"orders": "none"}
    assert preference_of(alice).categories == {"orders": "apps"}


def test_every_group_of_choices_has_a_name(browser: Client) -> None:
    page = browser.get(PATH).content.decode()
    groups = re.findall(r"<legend>(?:<svg.*?</svg>)?\s*([^<]+?)\s*</legend>", page, re.DOTALL)
    assert groups == ["Everything here", "Order shipped", "Order returned", "Stock counted", "Account locked"]


def test_a_mandatory_event_type_is_shown_locked_and_explained(browser: Client) -> None:
    page = browser.get(PATH).content.decode()
    assert page.count('<input type="checkbox" disabled checked>') == 2
    assert "This cannot be turned off: everyone concerned must be told." in page
    assert "account" not in "".join(re.findall(r'(?:name|value)="([^"]+)"', page))


@pytest.mark.parametrize("forged", ["event-account.locked", "category-account"])
@pytest.mark.parametrize("how", ["row", "follow", "box"])
def test_turning_off_a_mandatory_event_type_is_refused_and_explained(
    browser: Client, forged: str, how: str
) -> None:
    ways: dict[str, dict[str, Any]] = {
        "row": {"row": [*ROWS, forged]},
        "follow": {"follow": forged},
        "box": {forged: "app"},
    }
    answer = browser.post(PATH, CHOICES | {"category-orders": "email"} | ways[how])
    assert answer.status_code == 400
    page = answer.content.decode()
    assert re.search(r"“Account( locked)?” cannot be turned off: everyone concerned must be told\.", page)
    assert chosen(page, "category-orders") == ["email"]
    assert not NotificationPreference.objects.exists()


@pytest.mark.parametrize(
    ("row", "value"),
    [
        ("category-orders", "pigeon"),
        ("category-orders", "both"),
        ("event-order.shipped", "APP"),
        ("event-order.shipped", "\0"),
        ("event-no.such", "app"),
    ],
)
def test_a_choice_that_there_is_not_is_refused(browser: Client, row: str, value: str) -> None:
    answer = browser.post(PATH, CHOICES | {"event-order.returned": [], row: value})
    assert answer.status_code == 400
    page = answer.content.decode()
    assert "Nothing was saved." in page
    assert chosen(page, "event-order.returned") == []
    assert not NotificationPreference.objects.exists()


def test_quiet_hours_are_saved_and_shown(browser: Client, alice: User) -> None:
    quiet = {"quiet_from": "22:00", "quiet_until": "07:30", "time_zone": "Europe/Berlin"}
    assert browser.post(PATH, CHOICES | quiet).status_code == 302
    stored = preference_of(alice)
    assert (f"{stored.quiet_from:%H:%M}", f"{stored.quiet_until:%H:%M}") == ("22:00", "07:30")
    page = browser.get(PATH).content.decode()
    assert 'value="22:00"' in page
    assert 'value="Europe/Berlin"' in page
    browser.post(PATH, {"quiet_from": "", "quiet_until": "", "time_zone": "Europe/Berlin"})
    assert preference_of(alice).quiet_from is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"quiet_from": ""},
        {"quiet_until": ""},
        {"quiet_until": "22:00"},
        {"quiet_from": "25:00"},
        {"time_zone": "Mars/Olympus"},
        {"time_zone": ""},
    ],
)
def test_quiet_hours_that_cannot_be_are_refused_in_their_place(
    browser: Client, wrong: dict[str, str]
) -> None:
    quiet = {"quiet_from": "22:00", "quiet_until": "07:30", "time_zone": "Europe/Berlin"}
    answer = browser.post(PATH, CHOICES | quiet | wrong)
    assert answer.status_code == 400
    assert 'class="errorlist"' in answer.content.decode()
    assert not NotificationPreference.objects.exists()


def test_a_script_is_told_how_every_row_stands(browser: Client, alice: User) -> None:
    headers = {"accept": "application/json"}
    sent = {"row": "category-orders", "category-orders": "app"}
    rows = browser.post(PATH, sent, headers=headers).json()["rows"]
    assert rows["event-order.shipped"] == {"on": ["app"], "follows": True}
    refused = browser.post(PATH, sent | {"category-orders": "pigeon"}, headers=headers)
    assert (refused.status_code, "Nothing was saved." in refused.json()["problem"]) == (400, True)


def selected(page: str, category: str) -> list[str]:
    """Return the cadence that a category's select shows."""
    select = re.search(rf'<select [^>]*name="cadence-{category}".*?</select>', page, re.DOTALL)
    return re.findall(r'value="(\w*)" selected', select[0]) if select else []


def test_how_often_mails_come_is_saved_shown_and_taken_back(browser: Client, alice: User) -> None:
    assert selected(browser.get(PATH).content.decode(), "orders") == [""]
    answer = browser.post(PATH, CHOICES | {"cadence-orders": "daily"}, follow=True)
    assert selected(answer.content.decode(), "orders") == ["daily"]
    assert preference_of(alice).cadences == {"orders": "daily"}
    browser.post(PATH, CHOICES)
    assert preference_of(alice).cadences == {"orders": "daily"}
    browser.post(PATH, CHOICES | {"cadence-orders": ""})
    assert preference_of(alice).cadences == {}


def test_where_no_mail_may_wait_there_is_no_such_choice(browser: Client) -> None:
    assert 'name="cadence-account"' not in browser.get(PATH).content.decode()
    with happenings(category=ACCOUNT, urgent=True):
        assert 'name="cadence-account"' not in browser.get(PATH).content.decode()
    with happenings(category=ACCOUNT):
        assert 'name="cadence-account"' in browser.get(PATH).content.decode()


@pytest.mark.parametrize(
    "forged", [{"cadence-orders": "yearly"}, {"cadence-account": "daily"}, {"cadence-orders": "\0"}]
)
def test_a_cadence_that_there_is_not_is_refused(browser: Client, forged: dict[str, str]) -> None:
    answer = browser.post(PATH, CHOICES | {"category-orders": "app"} | forged)
    assert answer.status_code == 400
    assert "Nothing was saved." in answer.content.decode()
    assert not NotificationPreference.objects.exists()


def test_mutes_are_listed_and_ended(browser: Client, alice: User, bob: User) -> None:
    for person in (alice, bob):
        Mute.objects.create(person=person, subject="order:7", title=f"Order of {person}")
    page = browser.get(PATH).content.decode()
    assert "Order of alice" in page
    assert "Order of bob" not in page
    browser.post(f"{PATH[:-12]}unmute/", {"subject": "order:7"})
    assert [mute.person for mute in Mute.objects.all()] == [bob]


def test_finer_choices_are_in_sight_once_one_is_made(browser: Client, alice: User) -> None:
    assert "<details>" in browser.get(PATH).content.decode()
    NotificationPreference.objects.create(person=alice, event_types={"order.shipped": "none"})
    assert "<details open>" in browser.get(PATH).content.decode()


def test_an_event_type_offers_only_the_channels_it_uses(browser: Client, alice: User) -> None:
    NotificationPreference.objects.create(person=alice, event_types={"test.happened": "both"})
    with happenings(channels=("app",), texts=()):
        page = browser.get(PATH).content.decode()
    offered = re.findall(r'type="checkbox" name="event-test\.happened" value="(\w+)"', page)
    assert offered == ["app"]
    assert chosen(page, "event-test.happened") == ["app"]
    assert "By e-mail: not available" in page


def test_a_category_with_both_kinds_has_choices_and_a_locked_row(browser: Client) -> None:
    with happenings(category=ACCOUNT, texts=()):
        page = browser.get(PATH).content.decode()
        assert chosen(page, "category-account") == BOTH
        assert "Account locked" in page
        changes = {"row": [*ROWS, "category-account"], "category-account": []}
        assert browser.post(PATH, CHOICES | changes).status_code == 302


def test_a_person_without_an_address_is_told_that_no_mail_can_come(browser: Client, alice: User) -> None:
    hint = "nothing can reach you by e-mail"
    assert hint not in browser.get(PATH).content.decode()
    User.objects.filter(pk=alice.pk).update(email="")
    assert hint in browser.get(PATH).content.decode()


def test_a_post_without_its_csrf_token_saves_nothing(alice: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(alice)
    assert browser.post(PATH, CHOICES).status_code == 403
    assert not NotificationPreference.objects.exists()


def test_the_page_costs_two_queries_of_its_own(
    browser: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(4):  # session, user, preference, mutes
        browser.get(PATH)


@pytest.mark.django_db(transaction=True)
def test_saving_for_the_first_time_in_two_tabs_at_once_makes_one_record(alice: User) -> None:
    start = Barrier(2)
    answers: list[Any] = []

    def save(choice: str) -> None:
        browser = Client()
        browser.force_login(alice)
        start.wait()
        answers.append(browser.post(PATH, CHOICES | {"category-orders": choice}).status_code)
        connection.close()

    tabs = [Thread(target=save, args=[choice]) for choice in ("app", "email")]
    for tab in tabs:
        tab.start()
    for tab in tabs:
        tab.join()
    assert answers == [302, 302]
    assert preference_of(alice).categories["orders"] in ("apps", "email")
