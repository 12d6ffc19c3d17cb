"""What the inbox page refuses: changes that none of its buttons would ask for."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import Settings

from tests.integration.inbox.items import give
from tests.integration.inbox.page.browser import CHANGE, INBOX, act, read


@pytest.mark.parametrize("until", ["", "soon", "2001-01-01T09:00", "9999-12-31T09:00", "2026-02-30T09:00"])
def test_a_moment_that_cannot_be_is_refused(browser: Client, alice: User, until: str) -> None:
    (item,) = give(alice)
    answer = act(browser, "snooze", item, until=until)
    assert answer.status_code == 400
    assert "This moment cannot be chosen" in answer.content.decode()


def test_what_is_mandatory_offers_no_way_to_turn_it_off(browser: Client, alice: User) -> None:
    (item,) = give(alice, event_type="account.locked")
    assert "This kind cannot be turned off: everyone concerned must be told." in read(browser)
    assert act(browser, "off", item).status_code == 400
    for token in ("choice.account.locked.none", "choice.no.such.none", "choice.order.shipped.loud", "x", ""):
        assert browser.post(f"{INBOX}undo/", {"undo": token}).status_code == 400


def test_the_id_of_someone_else_is_as_good_as_none(browser: Client, bob: User) -> None:
    (other,) = give(bob)
    for action in ("read", "archive", "off", "mute", "snooze:hour"):
        foreign, missing = act(browser, action, other), act(browser, action, other.pk + 1)
        assert (foreign.status_code, missing.status_code) == (404, 404)
        assert foreign.content == missing.content
    other.refresh_from_db()
    assert not other.is_read
    assert other.archived_at is None


def test_an_id_that_no_database_can_hold_is_not_found(browser: Client) -> None:
    assert act(browser, "read", 10**30).status_code == 404
    assert browser.get(f"{INBOX}{10**30}/").status_code == 404


@pytest.mark.parametrize("ids", ["", "x", "1,", "-1", "1,2,x", "٣", ",".join(["1"] * 1001)])
def test_ids_that_no_page_gave_are_refused(browser: Client, ids: str) -> None:
    assert browser.post(CHANGE, {"action": "read", "ids": ids}).status_code == 400


@pytest.mark.parametrize("action", ["", "burn", "READ", "snooze:never"])
def test_an_action_that_there_is_not_is_refused(browser: Client, alice: User, action: str) -> None:
    (item,) = give(alice)
    assert act(browser, action, item).status_code == 400


def test_a_post_without_its_csrf_token_changes_nothing(alice: User) -> None:
    (item,) = give(alice)
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(alice)
    for path in (CHANGE, f"{INBOX}undo/", f"{INBOX}unmute/", f"{INBOX}shortcuts/"):
        assert browser.post(path, {"action": "read", "ids": item.pk}).status_code == 403
    item.refresh_from_db()
    assert not item.is_read


def test_a_post_without_its_csrf_token_is_told_what_is_missing(alice: User, settings: Settings) -> None:
    settings.DEBUG = False
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(alice)
    page = browser.post(CHANGE, {"action": "read", "ids": "1"}).content.decode()
    assert "<p>CSRF verification failed. Request aborted.</p>" in page  # Django's own page
    assert "re-enable them" in page  # cookies, as the next step
    assert "Traceback" not in page
