"""Holding a request back, to see what a page does meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

from playwright.sync_api import Page, Route

PATIENCE = 10.0
"""Seconds to wait for a request."""


@contextmanager
def holding(page: Page, address: str) -> Iterator[Callable[[], Route]]:
    """Hold requests to an address back, and hand out a function that waits for the first of them."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    def first() -> Route:
        deadline = monotonic() + PATIENCE
        while not held:
            assert monotonic() < deadline, f"nobody asked for {address}"
            page.wait_for_timeout(10)
        return held[0]

    page.route(address, hold)
    yield first
    page.unroute(address, hold)
