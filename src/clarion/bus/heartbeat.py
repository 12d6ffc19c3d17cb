"""Heartbeat: long work keeps its lease for as long as its process lives."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import TypeVar

from django.db import Error, connections

from clarion.bus.claims import put_back_unbegun, renew
from clarion.conf import get_settings
from clarion.models import Work

logger = logging.getLogger("clarion")

W = TypeVar("W", bound=Work)


PATIENCE = timedelta(milliseconds=250)
"""How long work may wait for other work of its claim before any worker may take it again:
something more urgent may have come."""


@contextmanager
def heartbeat(claimed: Sequence[W], waiting: deque[W] | None = None) -> Iterator[None]:
    """Renew the lease of a claim every third of it, from a thread of its own, until the block ends.

    A process that is killed or stopped renews nothing, so its work is taken over when the lease runs out.
    What hangs for ever is the engine's to stop, by its time limit.

    Args:
        claimed: rows of one claim; those that have been finished meanwhile are left alone.
        waiting: those of them that are not begun, to be taken from it when they are. What waits for too
            long, or is left when the block ends, is put back for any worker to take.
    """
    ended = threading.Event()
    waiting = deque() if waiting is None else waiting
    beating = threading.Thread(
        target=_beat, args=(claimed, waiting, ended), name="clarion-heartbeat", daemon=True
    )
    beating.start()
    try:
        yield
    finally:
        ended.set()
        beating.join()


def taken_from(waiting: deque[W]) -> Iterator[W]:
    """Take what waits, one after another. Others may do so at the same time: each is taken once."""
    with suppress(IndexError):
        while True:
            yield waiting.popleft()


def _beat(claimed: Sequence[W], waiting: deque[W], ended: threading.Event) -> None:
    pause = get_settings().LEASE / 3
    try:
        if waiting and not ended.wait(min(PATIENCE, pause).total_seconds()):
            _put_back(waiting)
        while not ended.wait(pause.total_seconds()):
            with _outages_outlived(claimed):
                if not renew(claimed):
                    return
        _put_back(waiting)
    finally:
        connections.close_all()


def _put_back(waiting: deque[W]) -> None:
    taken = list(taken_from(waiting))
    if not taken:
        return
    with _outages_outlived(taken):
        put_back_unbegun(taken)
        return
    waiting.extend(taken)


@contextmanager
def _outages_outlived(rows: Sequence[Work]) -> Iterator[None]:
    try:
        yield
    except Error as error:
        # SQLite has one writer: while the work writes, nobody else can, nor take the lease over.
        logger.warning("lease not renewed", extra={"row_id": rows[0].pk, "error": type(error).__name__})
        # A connection that was dropped does not come back by itself.
        connections.close_all()
