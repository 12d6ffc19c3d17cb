"""The state that pages poll: another ETag whenever the inbox is another, and 304 while it is not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from clarion.inbox.service import EVERYTHING, NotificationService
from clarion.models import AppNotification
from tests.integration.inbox.items import give
from tests.integration.realtime.broadcasters import RECORDING

service = NotificationService()

Ask = Callable[..., Any]


@pytest.fixture
def ask(client: Client, alice: User) -> Ask:
    """Ask as Alice for the state, with the ETag of an answer she had before."""
    client.force_login(alice)

    def ask(before: HttpResponse | None = None) -> Any:
        headers = {"If-None-Match": before["ETag"]} if before else {}
        return client.get(reverse("clarion:state"), headers=headers)

    return ask


def test_the_state_is_what_a_bell_shows(ask: Ask, alice: User) -> None:
    give(alice, 120)
    state = ask().json()
    assert state.pop("tag")
    assert state == {"unread": 100, "badge": "99+", "label": "Notifications, more than 99 unread"}


def test_while_nothing_changes_nothing_is_sent(ask: Ask, alice: User, bob: User) -> None:
    give(alice, 3)
    first = ask()
    give(bob, 3)
    service.mark_all_as_read(bob)
    again = ask(first)
    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == first["ETag"]


@pytest.mark.parametrize(
    "change",
    [
        lambda alice, items: give(alice),
        lambda alice, items: service.mark_read(alice, items[0].pk),
        lambda alice, items: service.mark_seen(alice, items[0].pk),
        lambda alice, items: service.archive(alice, items[0].pk),
        lambda alice, items: service.undo(alice, service.mark_read(alice, EVERYTHING)),
        lambda alice, items: items[-1].delete(),
        lambda alice, items: AppNotification.objects.filter(pk=items[-1].pk).update(
            resolved_at=timezone.now()
        ),
    ],
    ids=["arrival", "read", "seen", "archive", "undo", "deletion", "settled"],
)
def test_whatever_changes_the_inbox_changes_the_etag(change: Any, ask: Ask, alice: User) -> None:
    items = give(alice, 130)
    first = ask()
    change(alice, items)
    assert ask(first).status_code == 200


def test_an_item_that_was_committed_late_is_noticed_below_one_that_was_not(ask: Ask, alice: User) -> None:
    items = give(alice, 130)
    late = AppNotification.objects.get(pk=items[-2].pk)
    late.delete()
    first = ask()
    late.pk = items[-2].pk
    late.save(force_insert=True)
    answer = ask(first)
    assert answer.status_code == 200
    assert answer.json()["unread"] == first.json()["unread"]


def test_the_state_is_in_the_language_of_the_asker(client: Client, alice: User) -> None:
    client.force_login(alice)
    english, german = (
        client.get(reverse("clarion:state"), headers={"Accept-Language": language})
        for language in ("en", "de")
    )
    assert english.json()["label"] != german.json()["label"]
    assert english["ETag"] != german["ETag"]


def test_browsers_keep_the_state_for_its_person_and_ask_each_time(ask: Ask) -> None:
    assert ask()["Cache-Control"] == "private, no-cache"


def test_an_unchanged_state_costs_five_queries_however_many_items_there_are(
    ask: Ask, alice: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for count in (1, 200):
        give(alice, count)
        first = ask()
        with django_assert_num_queries(5):  # session, user; count, version, newest items
            assert ask(first).status_code == 304


@pytest.mark.parametrize("name", ["state", "stream"])
def test_visitors_are_refused_and_not_led_to_a_login_page(name: str, client: Client, db: None) -> None:
    assert client.get(reverse(f"clarion:{name}")).status_code == 403


@pytest.mark.parametrize("realtime", [None, RECORDING])
def test_where_nobody_can_send_a_stream_browsers_are_told_to_stop_asking(
    realtime: dict[str, Any] | None, client: Client, alice: User, settings: Settings
) -> None:
    settings.CLARION = {**settings.CLARION, "REALTIME": realtime}
    client.force_login(alice)
    assert client.get(reverse("clarion:stream")).status_code == 204
