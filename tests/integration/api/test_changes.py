"""Notifications are changed: one, many or all; and back again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from clarion.models import AppNotification
from tests.integration.api.conftest import Program
from tests.integration.inbox.items import give

pytestmark = pytest.mark.django_db


def change(ask: Program, which: Any, action: str, **more: Any) -> Any:
    """Change one notification by its number, or what `which` says."""
    body = {"action": action, **more}
    if isinstance(which, AppNotification):
        return ask("post", f"notifications/{which.pk}/changes/", body)
    return ask("post", "notifications/changes/", {**body, "which": which})


@pytest.mark.parametrize(
    ("action", "column"), [("read", "read_at"), ("seen", "seen_at"), ("archive", "archived_at")]
)
def test_one_is_changed_and_that_is_undone(action: str, column: str, ask: Program, alice: User) -> None:
    row, other = give(alice, 2)

    done = change(ask, row, action).json()

    row.refresh_from_db()
    assert getattr(row, column)
    assert done == {"action": action, "count": 1, "undo": done["undo"]}
    assert ask("post", "notifications/undo/", {"undo": done["undo"]}).json() == {"count": 1}
    row.refresh_from_db()
    other.refresh_from_db()
    assert getattr(row, column) is getattr(other, column) is None


@pytest.mark.parametrize(
    ("before", "action", "column"),
    [("read", "unread", "read_at"), ("archive", "unarchive", "archived_at")],
)
def test_one_is_brought_back(before: str, action: str, column: str, ask: Program, alice: User) -> None:
    (row,) = give(alice)
    change(ask, row, before)
    assert change(ask, row, action).json() == {"action": action, "count": 1, "undo": None}
    row.refresh_from_db()
    assert getattr(row, column) is None


def test_a_snooze_ends_when_it_is_told_to(ask: Program, alice: User) -> None:
    (row,) = give(alice)
    until = (timezone.now() + timedelta(days=3)).replace(microsecond=0)
    assert change(ask, row, "snooze", until=until.isoformat()).json()["count"] == 1
    (item,) = ask("get", "notifications/?state=snoozed").json()["items"]
    assert item["snoozed_until"].startswith(until.isoformat()[:19])
    change(ask, row, "unsnooze")
    assert ask("get", "counts/").json()["snoozed"] == 0


def test_a_preset_and_a_local_time_are_in_the_zone_that_is_named(ask: Program, alice: User) -> None:
    first, second = give(alice, 2)
    tomorrow = (timezone.now() + timedelta(days=2)).date()
    change(ask, first, "snooze", until="tomorrow", time_zone="Asia/Kathmandu")
    change(ask, second, "snooze", until=f"{tomorrow}T09:00:00", time_zone="Asia/Kathmandu")
    for row in (first, second):
        row.refresh_from_db()
        assert row.snoozed_until
        assert (row.snoozed_until.hour, row.snoozed_until.minute) == (3, 15)


@pytest.mark.parametrize("until", ["2001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_a_moment_that_is_past_or_far_away_cannot_be_snoozed_until(
    until: str, ask: Program, alice: User
) -> None:
    (row,) = give(alice)
    answer = change(ask, row, "snooze", until=until)
    assert answer.status_code == 422
    assert answer.json()["type"] == "urn:clarion:problem:v1:cannot-be-done"


def test_many_are_changed_and_those_that_are_none_are_left_out(ask: Program, alice: User, bob: User) -> None:
    first, second, third = give(alice, 3)
    (foreign,) = give(bob)
    which = [first.pk, third.pk, foreign.pk, 0, -1, 10**30]
    assert change(ask, which, "read").json()["count"] == 2
    second.refresh_from_db()
    foreign.refresh_from_db()
    assert not second.is_read
    assert not foreign.is_read


def test_all_of_a_listing_are_changed_and_nothing_else(ask: Program, alice: User, bob: User) -> None:
    give(alice, 30)
    give(alice, 3, title="Special")
    give(bob, 3, title="Special")
    assert change(ask, {"search": "special"}, "archive").json()["count"] == 3
    done = change(ask, {}, "read").json()
    assert done["count"] == 30
    assert ask("post", "notifications/undo/", {"undo": done["undo"]}).json()["count"] == 30
    assert AppNotification.objects.filter(person=bob, is_read=False, archived_at=None).count() == 3


def test_what_was_so_already_is_no_error(ask: Program, alice: User) -> None:
    (row,) = give(alice)
    change(ask, row, "read")
    assert change(ask, row, "read").json() == {"action": "read", "count": 0, "undo": None}
    assert change(ask, {"state": "unread"}, "read").json()["count"] == 0


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({}, [""]),
        ({"action": "paint", "which": [1]}, [""]),
        ({"action": "read"}, ["/which"]),
        ({"action": "read", "which": []}, ["/which", "/which"]),
        ({"action": "read", "which": ["7"]}, ["/which/0", "/which"]),
        ({"action": "read", "which": {"state": "lost"}}, ["/which", "/which/state"]),
        ({"action": "read", "which": [1], "until": "hour"}, ["/until"]),
        ({"action": "snooze", "which": [1]}, ["/until"]),
        ({"action": "snooze", "which": [1], "until": "soon"}, ["/until", "/until"]),
        ([], [""]),
    ],
)
def test_a_body_that_is_wrong_is_told_where(body: Any, pointers: list[str], ask: Program) -> None:
    answer = ask("post", "notifications/changes/", body)
    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.json()["errors"]] == pointers


def test_what_is_no_json_is_told_so(ask: Program) -> None:
    address = "/api/v1/notifications/changes/"
    broken = ask("post", address, "{", headers={})
    assert (broken.status_code, broken["Content-Type"]) == (400, "application/problem+json")
    form = ask("post", address, data={"action": "read"})
    assert form.status_code == 415
