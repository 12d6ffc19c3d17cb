"""Whatever a program sends as a cursor or a token, it is understood or told what is wrong."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as with_settings
from hypothesis import strategies as st
from pytest_django import Settings

from clarion.models import AppNotification
from tests.integration.api.conftest import API, Program
from tests.integration.inbox.items import give
from tests.integration.inbox.test_crawler import rows_of

pytestmark = pytest.mark.django_db

anything = with_settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
CURSORS = TEXT | st.integers(-5, 10**20).map(str) | st.sampled_from(["1\n", "٣", "1\0", "0", "9" * 18])
TOKENS = TEXT | st.from_regex(r"(read|seen|archive|snooze|unread)\.[0-9٣ \n]{0,20}", fullmatch=True)
# What HTTP allows in a header.
HEADERS = st.text(
    st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_categories=["Cc"]), max_size=60
)


@pytest.fixture(autouse=True)
def _as_often_as_one_likes(settings: Settings) -> None:
    settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | {
        "DEFAULT_THROTTLE_RATES": {"clarion-read": None, "clarion-write": None}
    }


@anything
@given(cursor=CURSORS)
def test_any_text_is_a_cursor_or_is_refused(ask: Program, cursor: str) -> None:
    answer = ask("get", "notifications/", query_params={"cursor": cursor})
    if re.fullmatch("([0-9]{1,18})?", cursor):
        assert answer.json() == {"items": [], "next": None}
    else:
        assert answer.status_code == 400
        (error,) = answer.json()["errors"]
        assert error["parameter"] == "cursor"


@anything
@given(count=st.integers(0, 9), size=st.integers(1, 5), read=st.sets(st.integers(0, 8)))
def test_pages_of_any_size_hold_every_notification_once(
    ask: Program, alice: User, bob: User, count: int, size: int, read: set[int]
) -> None:
    AppNotification.objects.all().delete()
    mine = give(alice, count)
    give(bob, 3)
    AppNotification.objects.filter(pk__in=[mine[i].pk for i in read if i < count]).update(is_read=True)
    for state in ("all", "unread"):
        found: list[int] = []
        cursor: str | None = ""
        while cursor is not None:
            page = ask("get", "notifications/", query_params={"size": size, "cursor": cursor, "state": state})
            items = page.json()["items"]
            assert len(items) <= size
            found += [item["id"] for item in items]
            cursor = page.json()["next"]
        wanted = [item.pk for i, item in enumerate(mine) if not (state == "unread" and i in read)]
        assert found == sorted(wanted, reverse=True)


@anything
@given(token=TOKENS)
def test_any_text_is_an_undo_or_is_refused_and_takes_nothing_back(
    ask: Program, alice: User, token: str
) -> None:
    AppNotification.objects.all().delete()
    give(alice, 2)
    ask("post", "notifications/changes/", {"action": "read", "which": {}})
    before = rows_of(alice)
    answer = ask("post", "notifications/undo/", {"undo": token})
    if re.fullmatch(r"(read|seen|archive|snooze)\.[0-9]{1,17}", token):
        assert answer.json() == {"count": 0}
    else:
        assert answer.status_code == 400
        assert [error["pointer"] for error in answer.json()["errors"]] == ["/undo"]
    assert rows_of(alice) == before


@anything
@given(
    header=HEADERS
    | HEADERS.map("Token {}".format)
    | st.text("0123456789abcdef", max_size=41).map("Token {}".format),
    path=st.sampled_from(["counts/", "notifications/", "stream/", "state/"]),
)
def test_no_text_is_a_token_but_one_that_was_given_out(client: Client, header: str, path: str) -> None:
    answer = client.get(API + path, headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["type"] == "urn:clarion:problem:v1:not-signed-in"
