"""Signing in to the example: as one of its people, or as staff."""

from __future__ import annotations

import re

import pytest

from tests.acceptance.visitor import Visitor

pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.proves_most_on("sqlite", reason="pages are the same on every database"),
]


def test_a_visitor_is_sent_to_choose_a_person_and_then_back(visitor: Visitor) -> None:
    page = visitor.get("/products/new/")
    assert page.url.endswith("/log-in-as/?next=/products/new/")
    entry = re.search(r'action="(/log-in-as/\d+/)"', page.text)
    assert entry
    arrived = visitor.submit(entry[1], {"next": "/products/new/"}, form_on="/log-in-as/")
    assert arrived.url.endswith("/products/new/")


@pytest.mark.parametrize("evil", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_logging_in_never_leads_off_the_site(visitor: Visitor, site: str, evil: str) -> None:
    entry = re.search(r'action="(/log-in-as/\d+/)"', visitor.get("/log-in-as/").text)
    assert entry
    assert visitor.submit(entry[1], {"next": evil}, form_on="/log-in-as/").url == f"{site}/"


def test_logging_in_by_following_a_link_is_impossible(visitor: Visitor) -> None:
    assert visitor.get("/log-in-as/1/").status == 405


def test_staff_reach_the_admin_and_have_no_inbox_of_their_own(visitor: Visitor) -> None:
    page = visitor.submit("/admin/login/", {"username": "staff", "password": "clarion", "next": "/admin/"})
    assert page.status == 200
    for path in ("people/person/", "organisations/organisation/", "products/product/", "clarion/eventlog/"):
        assert visitor.get(f"/admin/{path}").status == 200
    assert visitor.get("/").url.endswith("/log-in-as/?next=/")
