"""Heartbeat: long work keeps its lease for as long as its process lives."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import Error, connections

from clarion.bus.claims import renew
from clarion.conf import get_settings
from clarion.models import Work

logger = logging.getLogger("clarion")


@contextmanager
def heartbeat(row: Work) -> Iterator[None]:
    """Renew the row's lease every third of it, from a thread of its own, until the block ends.

    A process that is killed or stopped renews nothing, so its work is taken over when the lease runs out.
    What hangs for ever is the engine's to stop: see its time limit.
    """
    ended = threading.Event()
    beating = threading.Thread(target=_beat, args=(row, ended), name="clarion-heartbeat", daemon=True)
    beating.start()
    try:
        yield
    finally:
        ended.set()
        beating.join()


def _beat(row: Work, ended: threading.Event) -> None:
    try:
        while not ended.wait(get_settings().LEASE.total_seconds() / 3):
            try:
                if not renew(row):
                    return
            except Error as error:
                # SQLite has one writer: while the work writes, nobody else can, nor take the lease over.
                logger.warning("lease not renewed", extra={"row_id": row.pk, "error": type(error).__name__})
                # A connection that was dropped does not come back by itself.
                connections.close_all()
    finally:
        connections.close_all()
