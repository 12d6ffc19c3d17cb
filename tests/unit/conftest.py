"""Unit tests use no database, so one run of them is enough."""

import pytest


def pytest_itemcollected(item: pytest.Item) -> None:
    item.add_marker(pytest.mark.proves_most_on("sqlite", reason="unit tests use no database"))
