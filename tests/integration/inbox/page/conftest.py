"""Someone who looks at the inbox page."""

import pytest
from django.contrib.auth.models import User
from django.test import Client


@pytest.fixture
def browser(client: Client, alice: User) -> Client:
    """A browser in which Alice is signed in."""
    client.force_login(alice)
    return client
