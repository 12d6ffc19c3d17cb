"""A program that uses the API with a token."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client
from rest_framework.authtoken.models import Token

Program = Callable[..., Any]

API = "/api/v1/"


@pytest.fixture(autouse=True)
def nobody_has_asked_yet() -> None:
    """Throttles count in the cache, which tests share."""
    cache.clear()


def program_of(person: User) -> Program:
    """Return a function that asks the API in this person's name: `ask("post", "mutes/", {…})`."""
    key = Token.objects.get_or_create(user=person)[0].key
    client = Client(headers={"Authorization": f"Token {key}"})

    def ask(method: str, path: str, body: Any = None, **more: Any) -> Any:
        address = path if path.startswith("/") else API + path
        if body is not None:
            more |= {"data": body, "content_type": "application/json"}
        return getattr(client, method)(address, **more)

    return ask


@pytest.fixture
def ask(alice: User) -> Program:
    return program_of(alice)
