"""Products of the example: who makes, renames and deletes them, and who is told."""

from __future__ import annotations

import re

import pytest

from tests.acceptance.example_pages.conftest import person
from tests.acceptance.visitor import Visitor

pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.proves_most_on("sqlite", reason="pages are the same on every database"),
]


def test_a_form_without_its_csrf_token_is_refused(ada: Visitor) -> None:
    assert ada.post("/products/new/", {"name": "Forged"}).status == 403
    assert "Forged" not in ada.get("/").text


def test_the_creator_of_a_product_is_its_administrator(ada: Visitor) -> None:
    product = ada.create_product("Compass")
    assert re.search(r"<dd>Ada Brook · Administrator</dd>", ada.get(product).text)


def test_a_manager_finds_a_new_product_in_the_inbox(ada: Visitor, site: str) -> None:
    layla = person(site, "ليلى منصور")
    ada.create_product("Sextant", organisation="Harbour Works")
    inbox = layla.get("/notifications/")
    assert "منتج جديد: \u2068Sextant\u2069" in inbox.text
    assert inbox.text.count("تم إنشاء المنتج \u2068Sextant\u2069.") == 1


def test_a_person_with_two_roles_finds_a_new_product_once(ada: Visitor) -> None:
    ada.create_product("Barometer", organisation="Harbour Works")
    assert ada.get("/notifications/").text.count("Barometer was created.") == 1


def test_the_bell_counts_what_is_unread(site: str) -> None:
    erin = person(site, "Erin Walsh")
    before = unread_count(erin)
    erin.create_product("Telescope")
    assert unread_count(erin) == before + 1


def unread_count(visitor: Visitor) -> int:
    badge = re.search(r'class="clarion-count"[^>]*>(\d+)<', visitor.get("/").text)
    return int(badge[1]) if badge else 0


def test_renaming_says_both_names(ada: Visitor) -> None:
    product = ada.create_product("Sundial")
    assert "The product is now called Clock." in ada.submit(f"{product}rename/", {"name": "Clock"}).text
    assert "Sundial is now called Clock." in ada.get("/notifications/").text


def test_a_name_that_stays_the_same_is_no_news(ada: Visitor) -> None:
    product = ada.create_product("Anchor")
    ada.submit(f"{product}rename/", {"name": "Anchor"})
    assert "Anchor is now called" not in ada.get("/notifications/").text


@pytest.mark.parametrize("name", ["", "   ", "x" * 201, "a\0b"])
def test_a_name_that_is_none_is_refused_beside_its_field(ada: Visitor, name: str) -> None:
    page = ada.submit("/products/new/", {"name": name})
    assert page.url.endswith("/products/new/")
    assert re.search(r'class="errorlist"', page.text)


def test_looking_at_the_delete_page_deletes_nothing(ada: Visitor) -> None:
    product = ada.create_product("Lantern")
    assert "Lantern" in ada.get(f"{product}delete/").text
    assert ada.get(product).status == 200


def test_deleting_removes_the_product_and_tells_its_managers(ada: Visitor, site: str) -> None:
    layla = person(site, "ليلى منصور")
    product = ada.create_product("Foghorn", organisation="Harbour Works")
    assert "Foghorn was deleted." in ada.submit(f"{product}delete/").text
    assert ada.get(product).status == 404
    assert "تم حذف المنتج \u2068Foghorn\u2069." in layla.get("/notifications/").text


def test_markup_in_a_name_is_shown_as_text(ada: Visitor) -> None:
    name = "<script>alert('x')</script>"
    product = ada.create_product(name)
    for path in (product, "/", "/notifications/", f"{product}rename/", f"{product}delete/"):
        markup = ada.get(path).markup
        assert "<script>alert" not in markup
        assert "&lt;script&gt;alert" in markup
