"""Who reads the inbox page: signed in, in their own language, with the keys they like."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.integration.inbox.page.browser import CHANGE, INBOX, read


@pytest.mark.parametrize("path", [INBOX, f"{INBOX}?state=unread", f"{INBOX}preferences/"])
def test_a_visitor_is_sent_to_sign_in_and_then_back(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/admin/login/?next=/notifications/")
    assert ("state%3Dunread" in answer["Location"]) == ("state=unread" in path)


@pytest.mark.parametrize("path", [CHANGE, f"{INBOX}undo/", f"{INBOX}shortcuts/"])
def test_a_visitor_who_posts_is_sent_to_sign_in_and_then_to_the_inbox(client: Client, path: str) -> None:
    assert client.post(path)["Location"] == f"/admin/login/?next={INBOX}"


@pytest.mark.parametrize(
    ("language", "direction", "heading"),
    [("en", "ltr", "Notifications"), ("de", "ltr", "Benachrichtigungen"), ("ar", "rtl", "الإشعارات")],
)
def test_the_page_speaks_the_readers_language(
    browser: Client, language: str, direction: str, heading: str
) -> None:
    page = browser.get(INBOX, headers={"accept-language": language}).content.decode()
    assert f'<html lang="{language}" dir="{direction}">' in page
    assert re.search(rf"<h1[^>]*>{heading}</h1>", page)


def test_pages_are_kept_by_no_cache(browser: Client) -> None:
    assert "no-store" in browser.get(INBOX)["Cache-Control"]


def test_single_key_shortcuts_can_be_turned_off(browser: Client, alice: User) -> None:
    assert "data-shortcuts" in read(browser)
    browser.post(f"{INBOX}shortcuts/", {})
    assert "data-shortcuts" not in read(browser)
    browser.post(f"{INBOX}shortcuts/", {"on": "1"})
    assert "data-shortcuts" in read(browser)
