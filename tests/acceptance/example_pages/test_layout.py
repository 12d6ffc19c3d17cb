"""What every page of the example has: the person's language, landmarks, a heading."""

from __future__ import annotations

import pytest

from tests.acceptance.example_pages.conftest import person
from tests.acceptance.visitor import Visitor

pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.proves_most_on("sqlite", reason="pages are the same on every database"),
]


def test_pages_speak_the_language_of_the_person(site: str) -> None:
    layla, bruno = person(site, "ليلى منصور"), person(site, "Bruno Keller")
    assert '<html lang="ar" dir="rtl">' in layla.get("/").text
    assert '<html lang="de" dir="ltr">' in bruno.get("/").text
    assert "Neues Produkt" in bruno.get("/").text


@pytest.mark.parametrize(
    "path", ["/", "/products/new/", "/mailbox/", "/notifications/", "/notifications/preferences/"]
)
def test_every_page_has_landmarks_one_heading_and_a_skip_link(ada: Visitor, path: str) -> None:
    page = ada.get(path)
    assert page.status == 200
    assert page.text.count("<main") == page.text.count("<h1") == page.text.count('class="site-header"') == 1
    assert 'href="#content"' in page.text
    assert 'id="content"' in page.text
