"""Organisations of the example: what their people see of them, and others do not."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from tests.acceptance.example_pages.conftest import person
from tests.acceptance.example_project import EXAMPLE
from tests.acceptance.visitor import Page, Visitor

pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.proves_most_on("sqlite", reason="pages are the same on every database"),
]


@pytest.mark.parametrize("action", ["", "rename/", "delete/"])
def test_a_product_of_others_does_not_exist(ada: Visitor, site: str, action: str) -> None:
    product = ada.create_product("Private chart")
    bruno = person(site, "Bruno Keller")
    assert bruno.get(product + action).status == 404
    assert bruno.submit(product + action, {"name": "Stolen"}, form_on="/products/new/").status in (404, 405)
    assert "Private chart" not in bruno.get("/").text
    assert "Private chart" in ada.get(product).text


def test_people_of_two_organisations_find_nothing_of_each_other_s(ada: Visitor, site: str) -> None:
    bruno, erin = person(site, "Bruno Keller"), person(site, "Erin Walsh")
    ada.create_product("Harbour secret", organisation="Harbour Works")
    own = erin.create_product("Lighthouse secret", organisation="Lighthouse Press")
    last = int(own.strip("/").rpartition("/")[2])
    every = {
        re.sub("<[^>]+>", str(number), pattern)
        for pattern in addresses_of_the_example()
        for number in range(1, max(last + 3, 25))
    }
    assert {"/products/1/delete/", "/notifications/2/", "/notifications/stream/"} <= every
    assert {
        "/api/v1/notifications/3/",
        "/api/v1/mutes/4/",
        "/api/v1/stream/",
        "/api/v1/openapi.json",
    } <= every
    inbox = "/api/v1/notifications/?size=100"
    assert "Lighthouse secret" in erin.get(inbox).text
    admin = {"/admin/", "/admin/clarion/eventlog/", "/admin/clarion/appnotification/1/change/"}

    for visitor, theirs, others in (
        (bruno, "Harbour secret", ("Lighthouse secret", "Lighthouse Press", "Erin Walsh")),
        (erin, "Lighthouse secret", ("Harbour secret", "Harbour Works", "Bruno Keller")),
    ):
        seen = crawl(visitor, {*every, *admin, inbox})
        assert {path for path, page in seen.items() for other in others if other in page.text} == set()
        assert any(theirs in page.text for page in seen.values())


def addresses_of_the_example() -> set[str]:
    """Every path of the example's URLconf but the admin's and the demo's, with <…> for what varies."""
    script = """
import django; django.setup()
from django.urls import URLPattern, get_resolver
def walk(patterns, before):
    for each in patterns:
        path = before + str(each.pattern)
        print(path) if isinstance(each, URLPattern) else walk(each.url_patterns, path)
walk(get_resolver().url_patterns, "/")
"""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings", "PYTHONPATH": str(EXAMPLE)}
    listed = subprocess.run(
        [sys.executable, "-c", script], env=environment, check=True, capture_output=True, text=True
    )
    return {path for path in listed.stdout.split() if not path.startswith((*DEMO_ONLY, "/admin/"))}


# Anyone may become anyone there, and read all mail: these exist in the demo only.
DEMO_ONLY = ("/log-in-as/", "/log-out/", "/mailbox/")


def crawl(visitor: Visitor, paths: set[str]) -> dict[str, Page]:
    """Open these pages of the site, and all that they lead to."""
    waiting, seen = set(paths), dict[str, Page]()
    while waiting:
        path = waiting.pop()
        seen[path] = page = visitor.get(path)
        assert page.status < 500, path
        links = re.findall(r'(?:href|action)="(/[^/"#][^"#]*|/)"', page.text)
        waiting |= {link for link in links if not link.startswith((*DEMO_ONLY, "/static/"))} - set(seen)
    return seen


def test_a_member_sees_a_product_of_the_organisation_but_cannot_change_it(ada: Visitor, site: str) -> None:
    product = ada.create_product("Rudder", organisation="Harbour Works")
    carla = person(site, "Carla Mendes")
    assert carla.get(product).status == 200
    assert f"{product}rename/" not in carla.get(product).text
    assert carla.get(f"{product}rename/").status == 404


def test_an_organisation_offers_itself_as_owner_to_its_managers_alone(site: str) -> None:
    options = person(site, "Carla Mendes").get("/products/new/").text
    assert "Lighthouse Press" in options
    assert "Harbour Works" not in options
