"""What every page asks is answered by an index of its own, however much else a person has."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clarion.inbox.listing import Listing, State
from clarion.inbox.service import NotificationService

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "sqlite", reason="others read small tables whole"),
]

service = NotificationService()
UNREAD = "clarion_appnotification USING {} clarion_inbox_unread"


def plan_of(ask: Callable[[], object]) -> str:
    with CaptureQueriesContext(connection) as queries:
        ask()
    with connection.cursor() as cursor:
        return "\n".join(row[-1] for row in cursor.execute(f"EXPLAIN QUERY PLAN {queries[0]['sql']}"))


def test_the_unread_are_counted_by_their_index_alone(alice: User) -> None:
    assert UNREAD.format("COVERING INDEX") in plan_of(lambda: service.get_unread_count(alice))


def test_the_unread_are_found_by_their_index_in_its_order(alice: User) -> None:
    plan = plan_of(lambda: service.get_notifications(alice, Listing(State.UNREAD)))

    assert UNREAD.format("INDEX") in plan
    assert "USE TEMP" not in plan
