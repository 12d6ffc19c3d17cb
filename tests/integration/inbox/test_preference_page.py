"""The preference page: what a person can choose, and what they cannot."""

import re
from threading import Barrier, Thread
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from clarion.models import NotificationPreference
from tests.integration.happenings import happenings
from tests.testapp.events import ACCOUNT

PATH = "/notifications/preferences/"
CHOICES = {
    "category-orders": "both",
    "event-order.shipped": "follow",
    "event-order.returned": "follow",
    "event-stock.counted": "follow",
}
"""What the page sends when nobody has touched it."""


@pytest.fixture
def browser(client: Client, alice: User) -> Client:
    """A browser in which Alice is signed in."""
    client.force_login(alice)
    return client


def preference_of(person: User) -> NotificationPreference:
    return NotificationPreference.objects.get(person=person)


def chosen(page: str, field: str) -> list[str]:
    """Return the values of the radio buttons that are on."""
    return re.findall(rf'name="{re.escape(field)}" value="(\w+)"[^>]* checked', page)


def test_a_person_without_a_record_sees_the_default(browser: Client) -> None:
    page = browser.get(PATH).content.decode()
    assert chosen(page, "category-orders") == ["both"]
    assert chosen(page, "event-order.shipped") == ["follow"]


def test_looking_creates_no_record(browser: Client) -> None:
    browser.get(PATH)
    assert not NotificationPreference.objects.exists()


def test_a_choice_is_saved_shown_and_said(browser: Client, alice: User) -> None:
    changes = {"category-orders": "email", "event-order.shipped": "none"}
    answer = browser.post(PATH, CHOICES | changes, follow=True)
    assert answer.redirect_chain == [(PATH, 302)]
    page = answer.content.decode()
    assert re.search(r'role="status">\s*<p>Your choices are saved\.</p>', page)
    assert chosen(page, "category-orders") == ["email"]
    assert chosen(page, "event-order.shipped") == ["none"]
    assert preference_of(alice).categories == {"orders": "email"}
    assert preference_of(alice).event_types == {"order.shipped": "none"}


def test_following_the_category_again_forgets_the_finer_choice(browser: Client, alice: User) -> None:
    NotificationPreference.objects.create(person=alice, event_types={"order.shipped": "none"})
    browser.post(PATH, CHOICES)
    assert preference_of(alice).event_types == {}


def test_what_the_page_does_not_ask_for_stays(browser: Client, alice: User) -> None:
    NotificationPreference.objects.create(person=alice, categories={"retired": "none"})
    browser.post(PATH, CHOICES)
    assert preference_of(alice).categories == {"retired": "none", "orders": "both"}


def test_nobody_changes_what_others_chose(browser: Client, alice: User, bob: User) -> None:
    NotificationPreference.objects.create(person=bob, categories={"orders": "none"})
    browser.post(PATH, CHOICES | {"person": str(bob.pk)})
    assert preference_of(bob).categories == {"orders": "none"}
    assert preference_of(alice).categories == {"orders": "both"}


def test_every_group_of_choices_has_a_name(browser: Client) -> None:
    page = browser.get(PATH).content.decode()
    groups = re.findall(r"<fieldset[^>]*>\s*<legend>(?:<h2>)?([^<]+)", page)
    assert groups == ["Orders", "Order shipped", "Order returned", "Stock counted", "Account"]


def test_a_mandatory_event_type_is_shown_locked_and_explained(browser: Client) -> None:
    page = browser.get(PATH).content.decode()
    assert "<strong>Account locked</strong>: In the app and by e-mail" in page
    assert "This cannot be turned off: everyone concerned must be told." in page
    assert "account" not in "".join(re.findall(r'name="([^"]+)"', page))


@pytest.mark.parametrize("forged", ["event-account.locked", "category-account"])
def test_turning_off_a_mandatory_event_type_is_refused_and_explained(browser: Client, forged: str) -> None:
    answer = browser.post(PATH, CHOICES | {"category-orders": "email", forged: "none"})
    assert answer.status_code == 400
    page = answer.content.decode()
    assert re.search(r"“Account( locked)?” cannot be turned off: everyone concerned must be told\.", page)
    assert chosen(page, "category-orders") == ["email"]
    assert not NotificationPreference.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("category-orders", "pigeon"),
        ("category-orders", ""),
        ("event-order.shipped", "BOTH"),
        ("event-order.shipped", "\0"),
    ],
)
def test_a_choice_that_there_is_not_is_refused_in_its_place(browser: Client, field: str, value: str) -> None:
    answer = browser.post(PATH, CHOICES | {"event-order.returned": "none", field: value})
    assert answer.status_code == 400
    page = answer.content.decode()
    error = re.search(r'class="errorlist" id="([^"]+)"', page)
    assert error
    assert f'aria-describedby="{error[1]}"' in page
    assert "Nothing was saved." in page
    assert "<details open>" in page
    assert chosen(page, "event-order.returned") == ["none"]
    assert not NotificationPreference.objects.exists()


def test_a_form_that_lacks_a_choice_is_refused(browser: Client) -> None:
    assert browser.post(PATH, {"category-orders": "none"}).status_code == 400
    assert not NotificationPreference.objects.exists()


def test_finer_choices_are_in_sight_once_one_is_made(browser: Client, alice: User) -> None:
    assert "<details>" in browser.get(PATH).content.decode()
    NotificationPreference.objects.create(person=alice, event_types={"order.shipped": "none"})
    assert "<details open>" in browser.get(PATH).content.decode()


def test_an_event_type_offers_only_the_channels_it_uses(browser: Client, alice: User) -> None:
    NotificationPreference.objects.create(person=alice, event_types={"test.happened": "both"})
    with happenings(channels=("app",), texts=()):
        page = browser.get(PATH).content.decode()
    offered = re.findall(r'name="event-test\.happened" value="(\w+)"', page)
    assert offered == ["follow", "apps", "none"]
    assert chosen(page, "event-test.happened") == ["apps"]


def test_a_category_with_both_kinds_has_choices_and_a_locked_row(browser: Client) -> None:
    with happenings(category=ACCOUNT, texts=()):
        page = browser.get(PATH).content.decode()
        assert chosen(page, "category-account") == ["both"]
        assert "<strong>Account locked</strong>" in page
        changes = {"category-account": "none", "event-test.happened": "follow"}
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


def test_the_page_costs_one_query_of_its_own(
    browser: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(3):  # session, user, preference
        browser.get(PATH)


def test_a_project_without_messages_learns_that_it_was_saved(browser: Client, settings: Settings) -> None:
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "messages" not in name]
    page = browser.post(PATH, CHOICES, follow=True).content.decode()
    assert '<p class="clarion-notice" role="status">Your choices are saved.</p>' in page


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

    tabs = [Thread(target=save, args=[choice]) for choice in ("apps", "none")]
    for tab in tabs:
        tab.start()
    for tab in tabs:
        tab.join()
    assert answers == [302, 302]
    assert preference_of(alice).categories["orders"] in ("apps", "none")
