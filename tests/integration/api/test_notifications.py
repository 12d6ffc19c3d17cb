"""Notifications are listed, counted and read."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from clarion.inbox.service import NotificationService
from tests.integration.api.conftest import Program
from tests.integration.inbox.items import give
from tests.integration.orders import ship

pytestmark = pytest.mark.django_db


def titles(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [item["title"] for item in answer.json()["items"]]


def test_a_notification_tells_all_that_the_page_does(ask: Program, alice: User) -> None:
    ship(alice, item="Kite")

    (item,) = ask("get", "notifications/").json()["items"]

    assert item.pop("id") > 0
    assert item.pop("created_at").endswith("Z")
    assert item == {
        "event_type": "order.shipped",
        "kind": "Order shipped",
        "category": "orders",
        "title": "Shipped: Kite",
        "message": "Kite is on its way.",
        "link": "/orders/7/",
        "subject": "order:7",
        "reason": "because you follow this order",
        "is_read": False,
        "read_at": None,
        "seen_at": None,
        "archived_at": None,
        "resolved_at": None,
        "snoozed_until": None,
    }


def test_a_link_that_nobody_should_follow_is_none(ask: Program, alice: User) -> None:
    give(alice, link="javascript:alert(1)")
    (item,) = ask("get", "notifications/").json()["items"]
    assert item["link"] is None


def test_a_notification_whose_event_type_is_gone_is_shown_all_the_same(ask: Program, alice: User) -> None:
    give(alice, event_type="order.painted")
    (item,) = ask("get", "notifications/").json()["items"]
    assert (item["event_type"], item["category"]) == ("order.painted", None)


def test_one_notification_can_be_read_without_marking_it_as_read(ask: Program, alice: User) -> None:
    (row,) = give(alice)
    answer = ask("get", f"notifications/{row.pk}/")
    assert (answer.json()["id"], answer.json()["is_read"]) == (row.pk, False)
    assert ask("get", "counts/").json()["unread"] == 1


def test_pages_lead_on_to_the_oldest_and_show_nothing_twice(ask: Program, alice: User) -> None:
    give(alice, 25)
    seen: list[str] = []
    cursor = ""
    while True:
        page = ask("get", "notifications/", query_params={"size": 10, "cursor": cursor})
        seen += titles(page)
        give(alice, title="Came meanwhile")  # what arrives at the head moves nobody's place
        cursor = page.json()["next"]
        if cursor is None:
            break
    assert seen == [f"News {number}" for number in range(25, 0, -1)]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["Kite", "Read"]),
        ("state=unread", ["Kite"]),
        ("state=snoozed", ["Later"]),
        ("state=archived", ["Done"]),
        ("category=orders&state=unread", ["Kite"]),
        ("category=account", []),
        ("category=nothing", []),
        ("search=kIt", ["Kite"]),
        ("search=%00", []),
    ],
)
def test_a_list_is_filtered_as_on_the_page(query: str, found: list[str], ask: Program, alice: User) -> None:
    service = NotificationService()
    later = timezone.now() + timedelta(days=1)
    rows = {name: give(alice, title=name)[0].pk for name in ("Done", "Later", "Read", "Kite")}
    service.archive(alice, rows["Done"])
    service.snooze(alice, rows["Later"], later)
    service.mark_read(alice, rows["Read"])

    assert titles(ask("get", f"notifications/?{query}")) == found


def test_counts_tell_each_state(ask: Program, alice: User) -> None:
    rows = give(alice, 5)
    service = NotificationService()
    service.mark_seen(alice, rows[0].pk)
    service.archive(alice, rows[1].pk)
    service.snooze(alice, rows[2].pk, timezone.now() + timedelta(days=1))
    assert ask("get", "counts/").json() == {"unread": 3, "unseen": 2, "snoozed": 1, "archived": 1}


def test_the_state_is_that_of_the_pages(ask: Program, alice: User) -> None:
    give(alice, 100)
    state = ask("get", "state/").json()
    assert (state["badge"], state["label"]) == ("99+", "Notifications, more than 99 unread")


def test_where_there_are_no_streams_programs_are_told_so(ask: Program) -> None:
    assert ask("get", "stream/").status_code == 204


def test_the_number_of_queries_does_not_grow_with_the_list(
    ask: Program, alice: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    give(alice, 1)
    with django_assert_num_queries(2):  # token with its user, page
        ask("get", "notifications/")
    give(alice, 150)
    with django_assert_num_queries(2):
        assert len(titles(ask("get", "notifications/?size=100"))) == 100
    for path, queries in (("counts/", 5), ("state/", 4), ("preferences/", 2), ("mutes/", 2)):
        with django_assert_num_queries(queries):
            ask("get", path)


@pytest.mark.parametrize(
    "path", ["notifications/", "counts/", "state/", "preferences/", "mutes/", "notifications/{}/"]
)
def test_what_has_not_changed_is_not_sent_again(path: str, ask: Program, alice: User, bob: User) -> None:
    (row,) = give(alice)
    address = path.format(row.pk)
    first = ask("get", address)
    assert "no-cache" in first["Cache-Control"]
    assert "private" in first["Cache-Control"]

    give(bob)
    second = ask("get", address, headers={"If-None-Match": first["ETag"]})

    assert (second.status_code, second.content) == (304, b"")


def test_what_has_changed_is_sent(ask: Program, alice: User) -> None:
    (row,) = give(alice)
    tags = {path: ask("get", path)["ETag"] for path in ("notifications/", "counts/", "state/")}
    ask("post", f"notifications/{row.pk}/changes/", {"action": "read"})
    for path, tag in tags.items():
        assert ask("get", path, headers={"If-None-Match": tag}).status_code == 200
