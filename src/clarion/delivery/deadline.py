"""Deadline: a mail server may answer slowly, but not for ever."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.core.mail.backends.base import BaseEmailBackend


@contextmanager
def deadline(connection: BaseEmailBackend, seconds: float) -> Iterator[None]:
    """Hang up on a mail server that is not done in time; what waits for its answer sees a lost connection.

    A socket's own timeout does not do that: each byte that a server drips begins it anew. Backends without
    an SMTP conversation are left alone.
    """
    timer = threading.Timer(seconds, _hang_up, (connection,))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _hang_up(connection: BaseEmailBackend) -> None:
    # Django's SMTP backend has an smtplib.SMTP here once it is connected, and that has a socket.
    held = getattr(getattr(connection, "connection", None), "sock", None)
    if isinstance(held, socket.socket):
        with suppress(OSError):  # closed meanwhile
            held.shutdown(socket.SHUT_RDWR)
