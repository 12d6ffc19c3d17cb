"""Every link in the documentation leads somewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.docs.pages import DOCS, ROOT, pages, prose

LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_to_a_file_and_a_heading_in_it(page: Path) -> None:
    for target in _links_in(page):
        path, _, anchor = target.partition("#")
        file = page.parent / path if path else page
        assert file.exists(), target
        assert not anchor or anchor in _anchors_of(file), target


def test_the_readme_leads_to_each_part_of_the_documentation() -> None:
    linked = {(ROOT / target.partition("#")[0]).parent for target in _links_in(ROOT / "README.md")}
    assert {index.parent for index in DOCS.glob("*/index.md")} <= linked


def test_decisions_are_short_and_numbered_without_a_gap() -> None:
    decisions = sorted((DOCS / "decisions").glob("[0-9]*.md"))
    for number, page in enumerate(decisions, start=1):
        text = page.read_text()
        assert page.name.startswith(f"{number:04}-")
        assert text.startswith(f"# {number}. ")
        assert len(text.splitlines()) <= 60, page.name
        assert re.findall(r"^## (\w+)", text, re.MULTILINE) == [
            "Context",
            "Decision",
            "Rejected",
            "Consequences",
        ]


def _links_in(page: Path) -> Iterator[str]:
    return (
        target
        for target in LINK.findall(prose(page))
        if "://" not in target and not target.startswith("mailto:")
    )


def _anchors_of(page: Path) -> set[str]:
    return {
        re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-")
        for heading in HEADING.findall(prose(page))
    }
