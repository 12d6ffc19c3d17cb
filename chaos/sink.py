"""Sink: a real SMTP server with a ledger of what it has accepted. Hooks decide what it answers, and when."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Awaitable, Callable
from email import message_from_bytes, policy
from typing import Any, NamedTuple, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

HOST = "127.0.0.1"
Hook = Callable[["Delivery"], str]


class Delivery(NamedTuple):
    """A mail on its way in: from which port, to whom, the how manieth of all."""

    port: int
    recipient: str
    ordinal: int


class Mail(NamedTuple):
    """A mail that was answered with 250."""

    message_id: str
    recipient: str
    text: str
    accepted_at: float
    """On the monotonic clock."""


class MailSink:
    """Has its port from the beginning; refuses connections while it is closed."""

    def __init__(self) -> None:
        self.ledger: list[Mail] = []
        self.offered = 0
        self.on_recipient: Hook = lambda _: ""
        """What to answer to RCPT; "" accepts."""
        self.on_data: Hook = lambda _: ""
        """What to answer to a complete mail; "" accepts."""
        self.after_acceptance: Callable[[Delivery], None] = lambda _: None
        """Called when the mail is in the ledger, before the 250 is sent."""
        self.drip = 0.0
        """Seconds between the bytes of the answer to DATA."""
        self.password: str | None = None
        """What a client must log in with; None asks for nothing."""
        self._listener = _bound(0)
        self.port: int = self._listener.getsockname()[1]
        self._server: _Server | None = None

    def open(self) -> None:
        """Begin to serve."""
        self._server = _Server(self, self._listener)
        self._server.start()

    def close(self) -> None:
        """Refuse connections from now on, but keep the port."""
        if self._server:
            self._server.stop()
            self._server = None
            self._listener = _bound(self.port)


def _bound(port: int) -> socket.socket:
    # Says TCP, so that asyncio recognises it and turns off Nagle's algorithm, which costs 40 ms a mail.
    listener = socket.socket(proto=socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((HOST, port))
    return listener


class _Handler:
    """Apart from the sink, because aiosmtpd reads every attribute of its handler, for each connection."""

    def __init__(self, sink: MailSink) -> None:
        self._sink = sink

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        refusal = self._sink.on_recipient(Delivery(_port_of(session), address, self._sink.offered))
        if refusal:
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        sink = self._sink
        sink.offered += 1
        delivery = Delivery(_port_of(session), envelope.rcpt_tos[0], sink.offered)
        # In a thread: a hook may wait, and other connections must be served meanwhile.
        if refusal := await asyncio.to_thread(sink.on_data, delivery):
            return refusal
        if sink.drip:
            await _drip(server, sink.drip)
        message = message_from_bytes(envelope.original_content or b"", policy=policy.default)
        text = message.get_body(("plain",))
        message_id, content = message["Message-ID"].strip(), text.get_content() if text else ""
        sink.ledger.append(Mail(message_id, delivery.recipient, content, time.monotonic()))
        await asyncio.to_thread(sink.after_acceptance, delivery)
        return "250 kept"


class _Server(Controller):
    """On a socket that is bound already, so that no other process can take its port meanwhile."""

    def __init__(self, sink: MailSink, listener: socket.socket) -> None:
        self._sink = sink
        options: dict[str, Any] = {}
        if sink.password is not None:
            options = {
                "authenticator": self._authenticate,
                "auth_required": True,
                "auth_require_tls": False,
            }
        super().__init__(_Handler(sink), hostname=HOST, port=sink.port, **options)
        self._listener = listener

    def _authenticate(
        self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any
    ) -> AuthResult:
        right = isinstance(data, LoginPassword) and data.password.decode() == self._sink.password
        return AuthResult(success=right, handled=False)

    def _create_server(self) -> Awaitable[Any]:
        created: Awaitable[Any] = self.loop.create_server(self._factory_invoker, sock=self._listener)
        return created


async def _drip(server: SMTP, pause: float) -> None:
    """Send a long answer byte by byte, slower than any deadline allows."""
    transport = cast("asyncio.Transport", server.transport)
    for byte in b"250-" + b"." * 100:
        transport.write(bytes([byte]))
        await asyncio.sleep(pause)
        if transport.is_closing():
            raise ConnectionResetError


def _port_of(session: Session) -> int:
    return cast("tuple[str, int]", session.peer)[1]
