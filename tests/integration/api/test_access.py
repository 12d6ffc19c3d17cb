"""Who may ask, how often, and what they are told if they may not."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import Settings

from clarion.contrib.api.throttles import ReadThrottle, WriteThrottle
from tests.integration.api.conftest import API, Program
from tests.integration.inbox.items import give
from tests.unit.docs.pages import REFERENCE, code_in_rows

pytestmark = pytest.mark.django_db


def problem_in(answer: Any, status: int) -> str:
    """Return the problem's name."""
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert problem["title"]
    return str(problem["type"]).removeprefix("urn:clarion:problem:v1:")


def test_a_visitor_is_told_to_sign_in(client: Client) -> None:
    answer = client.get(API + "notifications/")
    assert problem_in(answer, 401) == "not-signed-in"
    assert answer["WWW-Authenticate"] == "Token"


def test_a_token_that_is_none_is_refused(client: Client) -> None:
    answer = client.get(API + "counts/", headers={"Authorization": "Token 12345"})
    assert problem_in(answer, 401) == "not-signed-in"


def test_a_token_of_someone_who_left_is_refused(ask: Program, alice: User) -> None:
    alice.is_active = False
    alice.save()
    assert problem_in(ask("get", "counts/"), 401) == "not-signed-in"


def test_whoever_is_signed_in_on_the_pages_can_use_the_api(client: Client, alice: User) -> None:
    give(alice)
    client.force_login(alice)
    assert client.get(API + "counts/").json()["unread"] == 1


def test_with_a_session_changes_need_the_csrf_token(alice: User) -> None:
    (row,) = give(alice)
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(alice)
    address = f"{API}notifications/{row.pk}/changes/"

    refused = browser.post(address, {"action": "read"}, content_type="application/json")
    assert problem_in(refused, 403) == "not-permitted"
    row.refresh_from_db()
    assert not row.is_read

    browser.get("/notifications/")  # sets the cookie
    token = browser.cookies["csrftoken"].value
    done = browser.post(
        address, {"action": "read"}, content_type="application/json", headers={"X-CSRFToken": token}
    )
    assert done.json()["count"] == 1


def test_the_project_may_permit_less(ask: Program, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    from rest_framework.permissions import IsAdminUser

    from clarion.contrib.api.view import ApiView

    monkeypatch.setattr(ApiView, "permission_classes", [IsAdminUser])
    assert problem_in(ask("get", "counts/"), 403) == "not-permitted"


def test_a_user_who_is_nobody_s_person_is_told_so(ask: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    from clarion.contrib.api import view

    monkeypatch.setattr(view, "person_of", lambda user: None)
    assert problem_in(ask("get", "counts/"), 403) == "no-person"


@pytest.mark.parametrize(
    ("throttle", "method", "path", "body"),
    [
        (ReadThrottle, "get", "counts/", None),
        (WriteThrottle, "post", "mutes/", {"subject": "product:12"}),
    ],
)
def test_whoever_asks_too_often_is_told_when_to_come_back(
    throttle: type[ReadThrottle],
    method: str,
    path: str,
    body: Any,
    ask: Program,
    settings: Settings,
) -> None:
    settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | {"DEFAULT_THROTTLE_RATES": {throttle.scope: "2/hour"}}
    assert [ask(method, path, body).status_code for _ in range(2)] != [429, 429]
    refused = ask(method, path, body)
    assert problem_in(refused, 429) == "too-many-requests"
    assert 0 < int(refused["Retry-After"]) <= 3600
    # Reading and writing are counted apart.
    other = ask("get", "counts/") if method == "post" else ask("post", "mutes/", {"subject": "product:12"})
    assert other.status_code in (200, 201)


@pytest.mark.parametrize(
    ("method", "path", "status", "name"),
    [
        ("get", "notifications/0/", 404, "not-found"),
        ("get", "notifications/-1/", 404, "not-found"),
        ("get", "notifications/first/", 404, "not-found"),
        ("get", f"notifications/{10**40}/", 404, "not-found"),
        ("delete", f"mutes/{10**40}/", 404, "not-found"),
        ("post", "nowhere/", 404, "not-found"),
        ("delete", "notifications/", 405, "no-such-method"),
        ("options", "notifications/", 405, "no-such-method"),
        ("get", "notifications/?cursor=x", 400, "invalid-request"),
        ("get", "notifications/?size=0", 400, "invalid-request"),
        ("get", "notifications/?size=101", 400, "invalid-request"),
        ("get", "notifications/?size=1&size=2", 400, "invalid-request"),
        ("get", "notifications/?staet=unread", 400, "invalid-request"),
        ("get", "counts/?person=2", 400, "invalid-request"),
    ],
)
def test_each_problem_has_its_name(method: str, path: str, status: int, name: str, ask: Program) -> None:
    assert problem_in(ask(method, path), status) == name


def test_a_body_that_is_too_large_is_refused(ask: Program, settings: Settings) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    answer = ask("post", "mutes/", {"subject": "product:12", "title": "x" * 100})
    assert problem_in(answer, 413) == "too-large"


def test_problems_are_told_in_the_language_that_is_asked_for(ask: Program) -> None:
    answer = ask("get", "notifications/7/", headers={"Accept-Language": "de"})
    assert problem_in(answer, 404) == "not-found"
    assert answer.json()["title"] == "Unter dieser Adresse gibt es nichts von Ihnen"


def test_every_problem_and_every_throttle_is_in_the_reference() -> None:
    from clarion.contrib.api.problem import KINDS

    described = code_in_rows(REFERENCE / "api.md")
    assert KINDS.keys() | {ReadThrottle.scope, WriteThrottle.scope} <= described
