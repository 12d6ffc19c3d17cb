"""A program that asks every address of the document finds, and changes, nothing of another's."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from clarion.models import AppNotification, Mute, NotificationPreference
from tests.integration.api.conftest import API, Program, program_of
from tests.integration.inbox.test_crawler import NOWHERE, SECRET, rows_of
from tests.integration.orders import ship

pytestmark = pytest.mark.django_db

ACTIONS = ["read", "unread", "seen", "archive", "unarchive", "unsnooze", "snooze"]


@pytest.fixture
def secrets(alice: User, bob: User) -> dict[str, int]:
    """Something of Bob's under every name that a path asks for a number with."""
    ship(bob, item=SECRET, url="/secret-of-bob/")
    for number in range(3):
        ship(alice, item=f"Kite {number}")
    ship(bob, item=SECRET)
    NotificationPreference.objects.create(person=bob, categories={"orders": "none"})
    mute = Mute.objects.create(person=bob, subject="order:7", title=SECRET)
    Mute.objects.create(person=alice, subject="order:7")  # the same, which Bob's number must not lead to
    newest = AppNotification.objects.filter(person=bob).latest("pk")
    return {"notification_id": newest.pk, "mute_id": mute.pk}


def operations(client: Client) -> list[tuple[str, str]]:
    """Every method and path of the document."""
    paths = client.get(API + "openapi.json").json()["paths"]
    return [(method, path) for path, methods in paths.items() for method in methods]


def bodies(method: str, path: str, number: int) -> list[Any]:
    if path.endswith("/notifications/changes/"):
        return [
            {"action": action, "which": [number]} | ({"until": "hour"} if action == "snooze" else {})
            for action in ACTIONS
        ]
    if path.endswith("/changes/"):
        return [{"action": action} | ({"until": "hour"} if action == "snooze" else {}) for action in ACTIONS]
    return [None if method in ("get", "delete") else {}]


def test_the_document_names_every_address(client: Client) -> None:
    from clarion.contrib.api.urls import operations as patterns

    named = {path.removeprefix("/api/") for _, path in operations(client)}
    assert named == {re.sub(r"<int:(\w+)>", r"{\1}", str(each.pattern)) for each in patterns}


def test_another_s_number_is_as_good_as_none(
    client: Client, ask: Program, secrets: dict[str, int], bob: User
) -> None:
    before, asked = rows_of(bob), 0
    for method, path in operations(client):
        nowhere = dict.fromkeys(secrets, NOWHERE)
        for mine, none in zip(
            bodies(method, path, secrets["notification_id"]), bodies(method, path, NOWHERE), strict=True
        ):
            foreign = ask(method, path.format(**secrets), mine)
            missing = ask(method, path.format(**nowhere), none)
            assert SECRET not in foreign.content.decode()
            assert "secret-of-bob" not in foreign.content.decode()
            assert (foreign.status_code, foreign.content) == (missing.status_code, missing.content)
            if "{" in path or mine != none:
                assert foreign.status_code == 404, path
                asked += 1
    assert asked >= 2 + 2 * len(ACTIONS)
    assert rows_of(bob) == before


@pytest.mark.parametrize("name", ["person", "person_id", "user", "user_id"])
def test_whose_it_is_cannot_be_chosen(
    name: str, client: Client, ask: Program, secrets: dict[str, int], bob: User
) -> None:
    before = rows_of(bob)
    for method, path in operations(client):
        address = path.format(**secrets)
        answers = [ask(method, f"{address}?{name}={bob.pk}")]
        if method not in ("get", "delete"):
            answers += [
                ask(method, address, {**body, name: bob.pk}) for body in bodies(method, path, NOWHERE)
            ]
        for answer in answers:
            assert answer.status_code in (400, 404), path
            assert SECRET not in answer.content.decode()
    assert rows_of(bob) == before


def test_all_is_all_of_one_s_own(ask: Program, secrets: dict[str, int], bob: User) -> None:
    before = rows_of(bob)
    for action in ("snooze", "unsnooze", "read", "unread", "seen", "archive", "unarchive"):
        more = {"until": "hour"} if action == "snooze" else {}
        for state in ("all", "unread", "snoozed", "archived"):
            body = {"action": action, "which": {"state": state}, **more}
            assert ask("post", "notifications/changes/", body).status_code == 200
    assert rows_of(bob) == before


def test_another_s_undo_takes_nothing_back(ask: Program, secrets: dict[str, int], bob: User) -> None:
    of_bob = program_of(bob)
    token = of_bob("post", "notifications/changes/", {"action": "read", "which": {}}).json()["undo"]
    before = rows_of(bob)
    assert ask("post", "notifications/undo/", {"undo": token}).json() == {"count": 0}
    assert rows_of(bob) == before


@pytest.mark.parametrize("state", ["all", "unread", "snoozed", "archived"])
def test_no_list_shows_what_is_another_s(state: str, ask: Program, secrets: dict[str, int]) -> None:
    for query in ("search=Secret+of+Bob", f"cursor={secrets['notification_id'] + 1}&size=100"):
        answer = ask("get", f"notifications/?state={state}&{query}")
        assert answer.status_code == 200
        assert SECRET not in answer.content.decode()


def test_a_visitor_learns_nothing_at_all(client: Client, secrets: dict[str, int]) -> None:
    for method, path in operations(client):
        answer = getattr(client, method)(path.format(**secrets))
        assert answer.status_code == 401, path
        assert SECRET not in answer.content.decode()
