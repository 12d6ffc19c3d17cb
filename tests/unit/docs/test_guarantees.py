"""What the documentation says is proven, a test of that name proves."""

from __future__ import annotations

import re

import pytest

from tests.unit.docs.pages import CODE, DOCS, ROOT

TEST = re.compile(r"def (test_\w+)\(")


@pytest.mark.parametrize("page", ["guarantees.md", "inputs.md"])
def test_every_test_that_is_named_as_a_proof_exists(page: str) -> None:
    rows = (DOCS / "explanation" / page).read_text()
    named = [span for span in CODE.findall(rows) if "test_" in span]
    assert named
    for span in named:
        path, _, name = span.rpartition("::")
        assert name in TEST.findall((ROOT / "tests" / path).read_text()), span
