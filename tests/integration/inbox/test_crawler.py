"""A person who opens every page, follows every link and guesses every number finds nothing of another's."""

import re
from html import unescape
from typing import Any
from urllib.parse import urljoin

import pytest
from django.contrib.auth.models import User
from django.db.models import Model
from django.test import Client
from django.urls import URLPattern, reverse

from clarion import urls
from clarion.inbox.change import Action
from clarion.inbox.listing import State
from clarion.models import (
    AppNotification,
    EmailNotification,
    InboxState,
    Mute,
    NotifiableEvent,
    NotificationPreference,
)
from tests.integration.inbox.items import give
from tests.integration.orders import ship

pytestmark = pytest.mark.django_db

SECRET = "Secret of Bob"
NOWHERE = 10**9


@pytest.fixture
def browser(client: Client, alice: User) -> Client:
    client.force_login(alice)
    return client


@pytest.fixture
def secrets(alice: User, bob: User) -> AppNotification:
    """What Bob has, newer and older than what Alice has; his last item is returned."""
    ship(bob, item=SECRET)
    give(alice, 21)
    ship(alice)
    ship(bob, item=SECRET, url="/secret-of-bob/")
    NotificationPreference.objects.create(person=bob, categories={"orders": "none"})
    return AppNotification.objects.filter(person=bob).latest("pk")


def addresses(number: int) -> list[str]:
    """Every address there is, with this number wherever one asks for a number."""
    found = []
    for pattern in urls.urlpatterns:
        assert isinstance(pattern, URLPattern), "teach the crawler about included URLs"
        kwargs = dict.fromkeys(pattern.pattern.converters, number)
        found.append(reverse(f"clarion:{pattern.name}", kwargs=kwargs))
    return found


def linked(page: Any, address: str) -> set[str]:
    targets = (
        urljoin(address, unescape(link)) for link in re.findall(r'(?:href|action)="([^"#]+)', text(page))
    )
    return {target for target in targets if target.startswith(reverse("clarion:inbox"))}


def text(page: Any) -> str:
    return str(page.content.decode())


def rows_of(person: User) -> list[list[dict[str, Any]]]:
    models: list[type[Model]] = [
        AppNotification,
        EmailNotification,
        NotifiableEvent,
        NotificationPreference,
        InboxState,
        Mute,
    ]
    return [list(model._default_manager.filter(person=person).order_by("pk").values()) for model in models]


def test_following_every_link_leads_to_nothing_of_another_s(
    browser: Client, secrets: AppNotification, bob: User
) -> None:
    before = rows_of(bob)
    waiting, seen = {reverse("clarion:inbox"), reverse("clarion:preferences")}, set[str]()
    while waiting:
        seen.add(address := waiting.pop())
        for page in (browser.get(address), browser.post(address)):
            if page.status_code == 302:  # what it links to may not be a page of ours
                continue
            assert SECRET not in text(page), address
            assert "secret-of-bob" not in text(page), address
            waiting |= linked(page, address) - seen

    # The crawler went beyond the first page, and to the buttons.
    assert any("cursor=" in address for address in seen)
    assert any(address.endswith("/change/") for address in seen)
    assert any(re.search(r"/\d+/$", address) for address in seen)
    assert rows_of(bob) == before


@pytest.mark.parametrize("method", ["get", "post"])
def test_another_s_number_is_as_good_as_none(
    method: str, browser: Client, secrets: AppNotification, bob: User
) -> None:
    before = rows_of(bob)
    foreign, missing = addresses(secrets.pk), addresses(NOWHERE)
    asked = [pair for pair in zip(foreign, missing, strict=True) if pair[0] != pair[1]]
    assert asked

    for address, nowhere in asked:
        answer, nothing = (getattr(browser, method)(path) for path in (address, nowhere))
        assert answer.status_code == nothing.status_code
        assert text(answer).replace(address, "") == text(nothing).replace(nowhere, "")
        assert answer.status_code in (404, 405)
    assert rows_of(bob) == before


@pytest.mark.parametrize("action", [*Action, "off", "on", "mute", "unmute"])
def test_no_button_reaches_what_is_another_s(
    action: str, browser: Client, secrets: AppNotification, bob: User
) -> None:
    before = rows_of(bob)
    address = reverse("clarion:change")
    for ids in (str(secrets.pk), f"{secrets.pk},{NOWHERE}"):
        answer = browser.post(address, {"action": action, "ids": ids, "until": "hour"})
        assert answer.status_code == 404
        assert SECRET not in text(answer)
    assert rows_of(bob) == before


@pytest.mark.parametrize("state", State.values)
def test_no_list_shows_what_is_another_s(state: str, browser: Client, secrets: AppNotification) -> None:
    for query in ("q=Secret+of+Bob", f"ids={secrets.pk}", "category=orders&fragment=1"):
        page = browser.get(f"{reverse('clarion:inbox')}?state={state}&{query}")
        assert page.status_code == 200
        assert SECRET not in text(page).replace(f'value="{SECRET}"', "")
    news = browser.get(f"{reverse('clarion:news')}?after={secrets.pk - 1}&state={state}")
    assert news.json()["count"] == 0


def test_no_mute_of_another_s_is_seen_or_ended(browser: Client, bob: User, alice: User) -> None:
    Mute.objects.create(person=bob, subject="order:7", title=SECRET)
    assert SECRET not in text(browser.get(reverse("clarion:preferences")))
    browser.post(reverse("clarion:unmute"), {"subject": "order:7"})
    browser.post(reverse("clarion:undo"), {"undo": "mute.order:7"})
    assert Mute.objects.filter(person=bob).exists()


@pytest.mark.parametrize("cursor", [0, 1, 10])
def test_a_cursor_from_another_s_list_shows_one_s_own(
    cursor: int, browser: Client, secrets: AppNotification
) -> None:
    page = browser.get(reverse("clarion:inbox"), {"cursor": secrets.pk + cursor, "size": 100})

    assert page.status_code == 200
    assert SECRET not in text(page)


def test_whose_page_it_is_cannot_be_chosen(browser: Client, secrets: AppNotification, bob: User) -> None:
    before = rows_of(bob)
    for address in addresses(secrets.pk):
        for name in ("person", "person_id", "user", "user_id", "id"):
            asked = browser.get(address, {name: bob.pk})
            sent = browser.post(address, {name: bob.pk, "category-orders": "both"})
            assert SECRET not in text(asked) + text(sent)
    assert rows_of(bob) == before


def test_a_visitor_learns_nothing_at_all(client: Client, secrets: AppNotification) -> None:
    for address in addresses(secrets.pk):
        for page in (client.get(address), client.post(address)):
            assert page.status_code in (302, 403, 405)
            assert SECRET not in text(page)
