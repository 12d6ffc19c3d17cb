"""Someone who wants digests."""

from typing import Any

import pytest
from django.contrib.auth.models import User

from clarion.models import NotificationPreference


def wants(person: User, cadence: str = "daily", **changes: Any) -> NotificationPreference:
    """Have someone want the mails about orders in digests."""
    return NotificationPreference.objects.create(person=person, cadences={"orders": cadence}, **changes)


@pytest.fixture
def daily(alice: User) -> NotificationPreference:
    """Alice wants the mails about orders once a day."""
    return wants(alice)
