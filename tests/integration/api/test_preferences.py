"""Choices, quiet hours and mutes, by the rules of the preference page."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User

from clarion.models import Mute, NotificationPreference
from tests.integration.api.conftest import Program, program_of

pytestmark = pytest.mark.django_db


def orders_in(answer: Any) -> dict[str, Any]:
    assert answer.status_code == 200, answer.content
    category: dict[str, Any] = next(each for each in answer.json()["categories"] if each["name"] == "orders")
    return category


def shipped_in(answer: Any) -> dict[str, Any]:
    event_types = orders_in(answer)["event_types"]
    chosen: dict[str, Any] = next(each for each in event_types if each["name"] == "order.shipped")
    return chosen


def test_without_a_choice_the_default_is_shown(ask: Program) -> None:
    answer = ask("get", "preferences/")
    assert orders_in(answer)["channels"] == ["app", "email"]
    assert shipped_in(answer) == {
        "name": "order.shipped",
        "label": "Order shipped",
        "channels": ["app", "email"],
        "offered": ["app", "email"],
        "follows": True,
        "mandatory": False,
    }
    assert answer.json()["quiet_hours"] is None
    assert not NotificationPreference.objects.exists()


def test_what_is_mandatory_is_shown_as_such(ask: Program) -> None:
    (account,) = (
        each for each in ask("get", "preferences/").json()["categories"] if each["name"] == "account"
    )
    assert account["channels"] is None
    assert [each["mandatory"] for each in account["event_types"]] == [True]


def test_an_event_type_follows_its_category_until_it_has_a_choice_of_its_own(ask: Program) -> None:
    answer = ask("patch", "preferences/", {"categories": {"orders": ["app"]}})
    assert shipped_in(answer)["channels"] == ["app"]
    assert shipped_in(answer)["follows"]

    answer = ask("patch", "preferences/", {"event_types": {"order.shipped": []}})
    assert shipped_in(answer)["channels"] == []
    assert not shipped_in(answer)["follows"]
    assert orders_in(answer)["channels"] == ["app"]

    answer = ask("patch", "preferences/", {"event_types": {"order.shipped": None}})
    assert shipped_in(answer)["channels"] == ["app"]
    assert shipped_in(answer)["follows"]
    assert answer.content == ask("get", "preferences/").content


def test_quiet_hours_are_set_and_ended_and_left_alone(ask: Program) -> None:
    hours = {"start": "22:00", "end": "07:30", "time_zone": "Europe/Berlin"}
    assert ask("patch", "preferences/", {"quiet_hours": hours}).json()["quiet_hours"] == hours
    kept = ask("patch", "preferences/", {"categories": {"orders": []}})
    assert kept.json()["quiet_hours"] == hours
    assert ask("patch", "preferences/", {"quiet_hours": None}).json()["quiet_hours"] is None


@pytest.mark.parametrize(
    "body",
    [
        {"event_types": {"account.locked": []}},
        {"event_types": {"account.locked": None}},
        {"categories": {"account": []}},
        {"categories": {"nothing": ["app"]}},
        {"event_types": {"order.painted": ["app"]}},
    ],
)
def test_what_cannot_be_chosen_is_refused_and_nothing_is_saved(body: dict[str, Any], ask: Program) -> None:
    answer = ask("patch", "preferences/", {"categories": {"orders": []}} | body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["detail"]
    assert not NotificationPreference.objects.exists()


@pytest.mark.parametrize(
    ("hours", "pointer"),
    [
        ({"start": "22:00", "end": "22:00", "time_zone": "UTC"}, "/quiet_hours/end"),
        ({"start": "22:00", "end": "07:00", "time_zone": "Mars/Olympus"}, "/quiet_hours/time_zone"),
        ({"start": "22:00", "end": "07:00", "time_zone": "a\0b"}, "/quiet_hours/time_zone"),
    ],
)
def test_quiet_hours_that_cannot_be_are_told_where(hours: dict[str, str], pointer: str, ask: Program) -> None:
    answer = ask("patch", "preferences/", {"quiet_hours": hours})
    assert answer.status_code == 422
    assert pointer in [error["pointer"] for error in answer.json()["errors"]]


def test_a_subject_is_muted_once_and_unmuted(ask: Program, alice: User, bob: User) -> None:
    first = ask("post", "mutes/", {"subject": "product:12", "title": "Kite"})
    again = ask("post", "mutes/", {"subject": "product:12", "title": "Kite again"})
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert ask("get", "mutes/").json() == {"items": [first.json()], "next": None}
    assert program_of(bob)("get", "mutes/").json()["items"] == []

    number = first.json()["id"]
    assert ask("delete", f"mutes/{number}/").status_code == 204
    assert ask("delete", f"mutes/{number}/").status_code == 404
    assert not Mute.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        {"subject": ""},
        {"subject": "x" * 201},
        {"subject": "a\0b"},
        {"subject": 12},
        {"title": "Kite"},
        {"subject": "a", "person": 1},
    ],
)
def test_a_mute_of_nothing_is_refused(body: dict[str, Any], ask: Program) -> None:
    assert ask("post", "mutes/", body).status_code == 400
    assert not Mute.objects.exists()


def test_cadences_are_shown_changed_and_taken_back(ask: Program, alice: User) -> None:
    assert orders_in(ask("get", "preferences/"))["cadence"] == "at_once"
    answer = ask("patch", "preferences/", {"cadences": {"orders": "weekly"}})
    assert orders_in(answer)["cadence"] == "weekly"
    assert NotificationPreference.objects.get(person=alice).cadences == {"orders": "weekly"}
    kept = ask("patch", "preferences/", {"categories": {"orders": ["email"]}})
    assert orders_in(kept)["cadence"] == "weekly"
    answer = ask("patch", "preferences/", {"cadences": {"orders": "at_once"}})
    assert orders_in(answer)["cadence"] == "at_once"
    assert NotificationPreference.objects.get(person=alice).cadences == {}


def test_where_no_mail_may_wait_there_is_no_cadence(ask: Program) -> None:
    answer = ask("get", "preferences/").json()
    (account,) = (each for each in answer["categories"] if each["name"] == "account")
    assert account["cadence"] is None
    for category in ("account", "nothing"):
        assert ask("patch", "preferences/", {"cadences": {category: "daily"}}).status_code == 422
    assert ask("patch", "preferences/", {"cadences": {"orders": "sometimes"}}).status_code == 400
    assert not NotificationPreference.objects.exists()


def test_the_time_zone_of_digests_is_set_without_quiet_hours_and_outlives_them(ask: Program) -> None:
    assert ask("get", "preferences/").json()["time_zone"] == "UTC"
    answer = ask("patch", "preferences/", {"time_zone": "Asia/Tokyo"}).json()
    assert (answer["time_zone"], answer["quiet_hours"]) == ("Asia/Tokyo", None)

    hours = {"start": "22:00", "end": "07:30", "time_zone": "Europe/Berlin"}
    assert ask("patch", "preferences/", {"quiet_hours": hours}).json()["time_zone"] == "Europe/Berlin"
    moved = ask("patch", "preferences/", {"time_zone": "Asia/Tokyo"}).json()
    assert moved["quiet_hours"] == hours | {"time_zone": "Asia/Tokyo"}
    assert ask("patch", "preferences/", {"quiet_hours": None}).json()["time_zone"] == "Asia/Tokyo"

    answer = ask("patch", "preferences/", {"time_zone": "Mars/Olympus"})
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/time_zone"]
