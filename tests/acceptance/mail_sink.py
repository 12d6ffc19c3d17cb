"""A mail sink: a real SMTP server that keeps a ledger of what it has accepted, and passes nothing on."""

from __future__ import annotations

import socket
from collections import Counter
from collections.abc import Awaitable, Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from types import TracebackType
from typing import Any, Self, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

HOST = "127.0.0.1"


class MailSink:
    """Has its port from the beginning; refuses connections until it is opened."""

    def __init__(self) -> None:
        self.ledger: list[bytes] = []
        """Each accepted mail as it came over the wire, in the order of arrival."""
        self.interfere: Callable[[int], str] = lambda _: ""
        """Called with the client's port when a mail is complete and not yet answered.

        A reply other than "" is given instead of the 250, and the mail is not kept.
        """
        # Says TCP, so that asyncio recognises it and turns off Nagle's algorithm, which costs 40 ms a mail.
        self._listener = socket.socket(proto=socket.IPPROTO_TCP)
        self._listener.bind((HOST, 0))
        self._server = _Server(_Handler(self), self._listener)
        self._is_open = False

    @property
    def environment(self) -> dict[str, str]:
        """What the example project must know to send its mail here."""
        return {"EMAIL_HOST": HOST, "EMAIL_PORT": str(self._listener.getsockname()[1])}

    @property
    def mails(self) -> list[EmailMessage]:
        """The ledger, parsed."""
        return [message_from_bytes(raw, EmailMessage, policy=policy.default) for raw in self.ledger]

    @property
    def message_ids(self) -> Counter[str]:
        """How often each mail was accepted."""
        return Counter(str(mail["Message-ID"]) for mail in self.mails)

    def open(self) -> None:
        """Begin to serve."""
        self._server.start()
        self._is_open = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._is_open:
            self._server.stop()
        self._listener.close()


class _Handler:
    """Apart from the sink, because aiosmtpd reads every attribute of its handler, for each connection."""

    def __init__(self, sink: MailSink) -> None:
        self._sink = sink

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        _, port = cast("tuple[str, int]", session.peer)
        refusal = self._sink.interfere(port)
        if not refusal:
            self._sink.ledger.append(envelope.original_content or b"")
        return refusal or "250 kept"


class _Server(Controller):
    """On a socket that is bound already, so that no other process can take its port meanwhile."""

    def __init__(self, handler: _Handler, listener: socket.socket) -> None:
        super().__init__(handler, hostname=HOST, port=listener.getsockname()[1])
        self._listener = listener

    def _create_server(self) -> Awaitable[Any]:
        created: Awaitable[Any] = self.loop.create_server(self._factory_invoker, sock=self._listener)
        return created
