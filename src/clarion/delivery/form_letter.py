"""Form letter: mails that say the same differ in two headers, so the rest is made once for all of them."""

from __future__ import annotations

import re
from copy import copy
from secrets import token_hex
from types import SimpleNamespace
from typing import Any, NamedTuple

from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend

from clarion.delivery.message import Words, message_to, texts_of

_PLAIN_ADDRESS = re.compile(r"[\w'+-]+(\.[\w'+-]+)*@[a-z\d-]+(\.[a-z\d-]+)*", re.ASCII | re.IGNORECASE)
_PLAIN_ID = re.compile(r"<[\w.-]+@[\w.-]+>", re.ASCII)


class Written(NamedTuple):
    """A message as an SMTP server is given it."""

    sender: str
    content: bytes


class FormLetter:
    """What mails of the same words have in common: their texts, and their bytes for an SMTP server."""

    def __init__(self, words: Words) -> None:
        """Render the words."""
        self._subject = words.subject
        self._texts = texts_of(words)
        self._blank: _Blank | None = None

    def message(self, address: str, message_id: str) -> EmailMessage:
        """Return the letter to one address, as any mail backend takes it."""
        return message_to(address, message_id, self._subject, self._texts)

    def written(self, address: str, message_id: str, backend: EmailBackend) -> Written | None:
        """Return the letter as Django's own SMTP backend would write it; None if only that can.

        Only what is plain is filled in: nothing in it needs an encoding, and nothing can end a header.
        """
        if not (_PLAIN_ADDRESS.fullmatch(address) and _PLAIN_ID.fullmatch(message_id)):
            return None
        if self._blank is None:
            self._blank = self._left_blank(backend)
        return self._blank.filled_in(address, message_id)

    def _left_blank(self, backend: EmailBackend) -> _Blank:
        # Random, so that no subject can hold it.
        address, message_id = f"{token_hex(8)}@clarion.invalid", f"<{token_hex(8)}@clarion.invalid>"
        sent: list[tuple[str, list[str], bytes]] = []
        # Django writes the message, as it does in its version, to us in the place of an smtplib.SMTP.
        ours: Any = copy(backend)
        ours.connection = SimpleNamespace(sendmail=lambda *arguments: sent.append(arguments))
        ours.send_messages([self.message(address, message_id)])
        ((sender, _, content),) = sent
        headers, end, body = content.partition(b"\r\n\r\n")
        return _Blank(sender, address.encode(), message_id.encode(), headers, end + body)


class _Blank(NamedTuple):
    """A letter with stand-ins for whom it is to, and for its Message-ID."""

    sender: str
    address: bytes
    message_id: bytes
    headers: bytes
    body: bytes

    def filled_in(self, address: str, message_id: str) -> Written:
        headers = self.headers.replace(self.address, address.encode())
        headers = headers.replace(self.message_id, message_id.encode())
        return Written(self.sender, headers + self.body)
