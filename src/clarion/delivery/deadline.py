"""Deadline: a mail server may answer slowly, but not for ever."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.core.mail.backends.base import BaseEmailBackend


class Deadline:
    """Hangs up on a mail server that is not done with a message in time; who waits sees a lost connection.

    A socket's own timeout does not do that: each byte that a server drips begins it anew. Backends without
    an SMTP conversation are left alone. One thread watches over all messages of a batch.
    """

    def __init__(self, connection: BaseEmailBackend, seconds: float) -> None:
        """Give each message so many seconds."""
        self._connection = connection
        self._seconds = seconds
        self._began: float | None = None
        self._ended = threading.Event()

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Watch over the messages of the block."""
        threading.Thread(target=self._watch, name="clarion-deadline", daemon=True).start()
        try:
            yield
        finally:
            self._ended.set()

    @contextmanager
    def one_message(self) -> Iterator[None]:
        """Hang up if the block takes too long."""
        self._began = time.monotonic()
        try:
            yield
        finally:
            self._began = None

    def _watch(self) -> None:
        left = self._seconds
        # A message that begins while this sleeps has its end after this wakes.
        while not self._ended.wait(left):
            began, now = self._began, time.monotonic()
            left = self._seconds if began is None else began + self._seconds - now
            if left <= 0:
                _hang_up(self._connection)
                left = self._seconds


def _hang_up(connection: BaseEmailBackend) -> None:
    # Django's SMTP backend has an smtplib.SMTP here once it is connected, and that has a socket.
    held = getattr(getattr(connection, "connection", None), "sock", None)
    if isinstance(held, socket.socket):
        with suppress(OSError):  # closed meanwhile
            held.shutdown(socket.SHUT_RDWR)
