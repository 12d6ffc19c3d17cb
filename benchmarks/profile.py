"""Profile: where the time goes, by looking at the stack every few milliseconds."""

from __future__ import annotations

import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NamedTuple

INTERVAL = 0.002
CLARION = "/clarion/"
DRIVERS = ("/psycopg/", "/sqlite3/", "/django/db/backends/")


class Place(NamedTuple):
    """Who was at work: a function of Clarion's, in Python or waiting for the database."""

    function: str
    waits: bool


@contextmanager
def profiled() -> Iterator[Counter[Place]]:
    """Yield what is counted while the block runs: how often each place was seen."""
    seen: Counter[Place] = Counter()
    watched, stopped = threading.get_ident(), threading.Event()

    def look() -> None:
        while not stopped.wait(INTERVAL):
            frame = sys._current_frames().get(watched)
            if frame:
                seen[_place(frame)] += 1

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield seen
    finally:
        stopped.set()
        watcher.join()


def as_table(seen: Counter[Place], people: int, took: float, rows: int = 12) -> str:
    """Return the profile as Markdown: share of the time, and microseconds for each person."""
    total = seen.total() or 1
    waiting = sum(count for place, count in seen.items() if place.waits)
    lines = [
        f"{took / people * 1e6:.0f} µs for each person, of which the database {waiting / total:.0%}.",
        "",
        "| share | µs a person | where | |",
        "|--:|--:|---|---|",
    ]
    for place, count in seen.most_common(rows):
        share = count / total
        what = "database" if place.waits else "Python"
        lines.append(f"| {share:.0%} | {share * took / people * 1e6:.0f} | `{place.function}` | {what} |")
    return "\n".join(lines)


def _place(frame: FrameType) -> Place:
    waits = any(driver in frame.f_code.co_filename for driver in DRIVERS)
    inner: FrameType | None = frame
    while inner and CLARION not in inner.f_code.co_filename:
        inner = inner.f_back
    if inner is None:
        return Place("outside Clarion", waits)
    module = inner.f_code.co_filename.rpartition(CLARION)[2].removesuffix(".py").replace("/", ".")
    return Place(f"{module}.{inner.f_code.co_name}", waits)
