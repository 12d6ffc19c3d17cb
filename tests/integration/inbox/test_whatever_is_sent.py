"""Whatever stands in an address or in a form, people get a page, and no answer leads off the site."""

from __future__ import annotations

import contextlib
import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import User
from django.test import Client
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from clarion.exceptions import InvalidCursor
from clarion.inbox.change import Action, Change
from clarion.inbox.listing import Listing
from clarion.inbox.service import NotificationService
from clarion.models import AppNotification, Mute, NotificationPreference
from tests.integration.inbox.items import give
from tests.integration.inbox.test_crawler import rows_of

pytestmark = pytest.mark.django_db

INBOX = "/notifications/"

anything = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

# No encoding of an address or a form holds half a surrogate.
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
NUMBERS = st.integers(-(10**30), 10**30).map(str)
ALMOST = st.sampled_from(
    ["all", "unread", "archived", "1", "1,2", "hour", "orders", "read", "\0", "٣", "1e3"]
)
TOKENS = st.builds(
    "{}.{}".format,
    st.sampled_from([*Action, "choice", "mute"]),
    TEXT | NUMBERS | st.just("order.shipped.none"),
)
ADDRESSES = st.sampled_from(
    ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:x", "/x/"]
)
WITH_NUL = st.sampled_from(["", "mute.", "choice.", "read.", "order:"]).map(
    "{}\0".format
)  # PostgreSQL takes none
VALUES = WITH_NUL | TEXT | NUMBERS | ALMOST | TOKENS | ADDRESSES


def anything_in(*names: str) -> st.SearchStrategy[dict[str, str]]:
    return st.dictionaries(st.sampled_from(names), VALUES)


@pytest.fixture
def browser(client: Client, alice: User, bob: User) -> Client:
    """A browser in which Alice is signed in; Bob has as much as she has."""
    for person in (alice, bob):
        give(person, 3)
        Mute.objects.create(person=person, subject="order:7")
        NotificationPreference.objects.create(person=person, categories={"orders": "apps"})
    client.force_login(alice)
    return client


def is_a_plain_page(answer: Any) -> bool:
    """Whether it says what is wrong, and leads on to the inbox."""
    page = answer.content.decode()
    return "<h1>" in page and f'<p><a href="{INBOX}">' in page and "Traceback" not in page


@anything
@given(
    path=st.sampled_from(["", "popover/", "news/", "state/", "preferences/"]),
    query=anything_in("state", "category", "q", "cursor", "size", "ids", "after", "done", "count", "undo"),
)
def test_any_address_is_answered_by_a_page_and_changes_nothing(
    browser: Client, alice: User, bob: User, path: str, query: dict[str, str]
) -> None:
    before = rows_of(alice), rows_of(bob)
    answer = browser.get(INBOX + path, query)
    assert answer.status_code == 200 or (answer.status_code == 400 and is_a_plain_page(answer))
    assert (rows_of(alice), rows_of(bob)) == before


@anything
@given(
    path=st.sampled_from(["change/", "undo/", "unmute/", "shortcuts/"]),
    form=anything_in("action", "ids", "all", "state", "q", "until", "zone", "undo", "subject", "on", "next"),
)
def test_any_form_is_answered_by_a_page_of_this_site_and_changes_nothing_of_another_s(
    browser: Client, bob: User, path: str, form: dict[str, str]
) -> None:
    before = rows_of(bob)
    answer = browser.post(INBOX + path, form)
    if answer.status_code == 302:
        target = urlsplit(answer["Location"])
        assert (target.scheme, target.netloc) == ("", "")
        assert not target.path.startswith(("//", "/\\"))
    else:
        assert answer.status_code in (400, 404)
        assert is_a_plain_page(answer)
    assert rows_of(bob) == before


@given(action=st.sampled_from([*Action]), number=st.integers(0, 10**17 - 1), count=st.integers(1, 10))
def test_a_token_stands_for_its_change_and_for_no_other(action: Action, number: int, count: int) -> None:
    try:
        change = Change.of_token(f"{action}.{number}")
    except InvalidCursor:
        assert action in (Action.UNREAD, Action.UNARCHIVE, Action.UNSNOOZE)
    else:
        again = Change.of_token(Change(change.action, count, change.stamp).token)
        assert again == change
        assert Change(change.action, count, change.stamp).token == f"{action}.{number}"


@given(token=TOKENS | TEXT)
def test_any_text_is_a_token_or_is_refused(token: str) -> None:
    if re.fullmatch("(read|seen|archive|snooze)[.][0-9]{1,17}", token):
        assert Change.of_token(token).action == token.partition(".")[0]
    else:
        with pytest.raises(InvalidCursor, match="take it from the change"):
            Change.of_token(token)


@anything
@given(place=st.integers(0, 15), letter=st.none() | TEXT)
def test_a_token_that_was_tampered_with_takes_nothing_back(
    alice: User, bob: User, place: int, letter: str | None
) -> None:
    AppNotification.objects.all().delete()
    service = NotificationService()
    give(bob, 2)
    service.mark_read(bob, Listing())
    give(alice, 2)
    token = service.mark_read(alice, Listing()).token
    forged = token[:place] if letter is None else token[:place] + letter + token[place + 1 :]
    assume(forged != token)
    before = rows_of(alice), rows_of(bob)
    with contextlib.suppress(InvalidCursor):
        assert service.undo(alice, Change.of_token(forged)) == 0
    assert (rows_of(alice), rows_of(bob)) == before
