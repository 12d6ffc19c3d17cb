"""A mail sink: a real SMTP server in this process that does as it is told, and passes nothing on."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import django
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from pytest_django import Settings

HOST = "127.0.0.1"
BACKEND = "django.core.mail.backends.smtp.EmailBackend"
HANG_UP = "hang up"
"""In place of a reply: end the connection without one."""


class Sink:
    """Accepts every mail, but for what a test says."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        """What was accepted, in the order of arrival."""
        self.conversations = 0
        """How often a client has said hello."""
        self.at_rcpt: dict[str, str] = {}
        """Replies to RCPT TO, by address."""
        self.at_data: dict[str, str] = {}
        """Replies to a complete mail, by address."""
        self.knows_password = True
        self.before_accepting: Callable[[EmailMessage], object] = lambda mail: None
        """Called, in a thread of its own, when a mail is complete and not yet answered."""
        # Says TCP, so that asyncio recognises it and turns off Nagle's algorithm, which costs 40 ms a mail.
        self._listener = socket.socket(proto=socket.IPPROTO_TCP)
        self._listener.bind((HOST, 0))
        self.port: int = self._listener.getsockname()[1]
        self._server: _Server | None = None

    def open(self) -> None:
        """Begin to serve; until then connections are refused."""
        self._server = _Server(self, self._listener)
        self._server.start()

    def close(self) -> None:
        if self._server:
            self._server.stop()
        self._listener.close()

    @property
    def message_ids(self) -> list[str]:
        return [str(mail["Message-ID"]) for mail in self.mails]

    @property
    def addresses(self) -> list[str]:
        return [str(mail["To"]) for mail in self.mails]


def use_backend(settings: Settings, name: str) -> None:
    """Have another mail backend talk to the server that is set up already."""
    if django.VERSION >= (6, 1):
        settings.MAILERS = {"default": {**settings.MAILERS["default"], "BACKEND": name}}
    else:
        settings.EMAIL_BACKEND = name


def use_server(settings: Settings, port: int, **options: Any) -> None:
    """Have Django send its mail to a port of this machine; `options` are those of its SMTP backend."""
    options = {"host": HOST, "port": port, "timeout": 30, **options}
    if django.VERSION >= (6, 1):
        settings.MAILERS = {"default": {"BACKEND": BACKEND, "OPTIONS": options}}
        return
    settings.EMAIL_BACKEND = BACKEND
    names = {"username": "HOST_USER", "password": "HOST_PASSWORD"}
    for name, value in options.items():
        setattr(settings, f"EMAIL_{names.get(name, name.upper())}", value)


class _Handler:
    """Apart from the sink, because aiosmtpd reads every attribute of its handler, for each connection."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    async def handle_EHLO(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        self._sink.conversations += 1
        return responses

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if reply := self._sink.at_rcpt.get(address, ""):
            return _answer(server, reply)
        envelope.rcpt_tos.append(address)
        return "250 will do"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        mail = message_from_bytes(envelope.original_content or b"", EmailMessage, policy=policy.default)
        await asyncio.to_thread(self._sink.before_accepting, mail)
        if reply := self._sink.at_data.get(envelope.rcpt_tos[0], ""):
            return _answer(server, reply)
        self._sink.mails.append(mail)
        return "250 kept"


class _Server(Controller):
    """On a socket that is bound already, so that no other process can take its port meanwhile."""

    def __init__(self, sink: Sink, listener: socket.socket) -> None:
        def authenticate(*_: Any) -> AuthResult:
            return AuthResult(success=sink.knows_password, handled=False)

        super().__init__(
            _Handler(sink),
            hostname=HOST,
            port=listener.getsockname()[1],
            authenticator=authenticate,
            auth_require_tls=False,
        )
        self._listener = listener

    def _create_server(self) -> Awaitable[Any]:
        created: Awaitable[Any] = self.loop.create_server(self._factory_invoker, sock=self._listener)
        return created


def _answer(server: SMTP, reply: str) -> str:
    if reply == HANG_UP:
        assert isinstance(server.transport, asyncio.Transport)
        server.transport.abort()
    return reply
