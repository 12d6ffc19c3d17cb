"""The API does what its document says, whatever it is sent."""

from __future__ import annotations

import re
from typing import Any

import hypothesis
import pytest
import schemathesis
from django.contrib.auth.models import User
from django.test import Client
from hypothesis import HealthCheck
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer
from rest_framework.authtoken.models import Token
from schemathesis.config import SchemathesisConfig

from clarion.contrib.api.document import document_at
from tests.integration.api.conftest import API
from tests.integration.inbox.items import give
from tests.unit.docs.pages import REFERENCE, code_in_rows

ANSWERS_TO_GOOD_REQUESTS = ["2xx", "304", "404", "422"]
"""422 is for what no schema can say: a moment must lie ahead, a time zone must exist."""

schema = schemathesis.openapi.from_dict(
    document_at(API.removesuffix("/v1/")),
    config=SchemathesisConfig.from_dict(
        {"checks": {"positive_data_acceptance": {"expected-statuses": ANSWERS_TO_GOOD_REQUESTS}}}
    ),
)


@pytest.fixture
def key(settings: Settings, transactional_db: None, alice: User) -> str:
    """The token of someone with something in the inbox, who may ask as often as they like."""
    settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | {
        "DEFAULT_THROTTLE_RATES": {"clarion-read": None, "clarion-write": None}
    }
    give(alice, 30)
    return str(Token.objects.create(user=alice).key)


@pytest.mark.proves_most_on("postgres", reason="schemathesis: the stricter of the two databases about input")
@schema.parametrize()
@hypothesis.settings(
    max_examples=100, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None
)
def test_the_api_keeps_to_its_document(
    case: schemathesis.Case[Any], key: str, live_server: LiveServer
) -> None:
    case.call_and_validate(base_url=live_server.url, headers={"Authorization": f"Token {key}"})


def test_the_document_says_where_the_api_is_mounted(client: Client) -> None:
    answer = client.get(API + "openapi.json")
    document = answer.json()
    assert document["openapi"] == "3.1.0"
    assert all(path.startswith(API) for path in document["paths"])
    again = client.get(API + "openapi.json", headers={"If-None-Match": answer["ETag"]})
    assert again.status_code == 304


def test_every_operation_asks_for_somebody_who_is_signed_in(client: Client) -> None:
    document = client.get(API + "openapi.json").json()
    schemes = document["components"]["securitySchemes"]
    assert {scheme["in"] for scheme in schemes.values()} == {"header", "cookie"}
    for methods in document["paths"].values():
        for operation in methods.values():
            assert sorted(name for way in operation["security"] for name in way) == sorted(schemes)
            assert {} not in operation["security"]


def test_every_operation_is_in_the_reference(client: Client) -> None:
    document = client.get(API + "openapi.json").json()
    names = {
        operation["operationId"] for methods in document["paths"].values() for operation in methods.values()
    }
    assert names <= code_in_rows(REFERENCE / "api.md")


def test_the_document_can_be_read_as_a_page(client: Client) -> None:
    document = client.get(API + "openapi.json").json()
    page = client.get(API).content.decode()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert f"{method.upper()} {path}" in page
            assert f'<h3 id="{operation["operationId"]}">' in page
    targets = set(re.findall(r'id="([^"]+)"', page))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= targets
