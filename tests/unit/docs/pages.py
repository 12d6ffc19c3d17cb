"""The documentation as text."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
DOCS = ROOT / "docs"
REFERENCE = DOCS / "reference"

CODE = re.compile(r"`([^`\n]+)`")
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


def pages() -> list[Path]:
    """Every page: the documentation, and what stands beside it at the top."""
    built = DOCS / "_build"
    return [*ROOT.glob("*.md"), *(page for page in DOCS.rglob("*.md") if built not in page.parents)]


def prose(page: Path) -> str:
    """A page without its blocks of code."""
    return FENCE.sub("", page.read_text())


def code_in(page: Path) -> set[str]:
    """Whatever a page writes as code within a line; of a call only the name."""
    return {span.partition("(")[0] for span in CODE.findall(prose(page))}


def code_in_rows(page: Path) -> set[str]:
    """What stands as code in the first cells of a page's tables."""
    firsts = [line.split("|")[1] for line in prose(page).splitlines() if line.startswith("|")]
    return {span for first in firsts for span in CODE.findall(first)}
