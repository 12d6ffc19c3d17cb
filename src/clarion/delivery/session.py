"""Session: a batch's conversation with the mail server."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from smtplib import SMTPException

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.smtp import EmailBackend

from clarion.conf import get_settings
from clarion.delivery.deadline import Deadline
from clarion.delivery.form_letter import FormLetter, Written
from clarion.delivery.message import Words, words_of
from clarion.exceptions import ChannelUnavailable, TransientError
from clarion.models import EmailNotification

SHARE_OF_LEASE = 0.4
"""How much of it one message may take. It begins in the first half, so it ends while the mails are ours."""

HandOver = Callable[[], object]
"""Gives a message to the mail server, on an open connection; raises what the backend raises."""


class Session:
    """Hands over messages, and remembers for the batch what others will say as well."""

    def __init__(self, connection: BaseEmailBackend) -> None:
        self.deadline = Deadline(connection, get_settings().LEASE.total_seconds() * SHARE_OF_LEASE)
        self._connection = connection
        # Of Django's own it is known that it only sends; one that is derived from it may sign, or log.
        self._smtp = connection if type(connection) is EmailBackend else None
        self._letters: dict[Words, FormLetter] = {}

    def open(self) -> None:
        """Connect, unless connected.

        Raises:
            ChannelUnavailable: the server lets nobody in.
        """
        try:
            self._connection.open()
        except (OSError, SMTPException) as unreachable:
            raise ChannelUnavailable(f"{type(unreachable).__name__}: {unreachable}") from None

    def close(self) -> None:
        """Hang up; the next message begins a new conversation."""
        self._connection.close()

    def ready(self, mail: EmailNotification) -> HandOver:
        """Build the message of one mail, and return what hands it over."""
        words = words_of(mail)
        letter = self._letters.get(words)
        if letter is None:
            letter = self._letters[words] = FormLetter(words)
        if self._smtp and (written := letter.written(mail.address, mail.message_id, self._smtp)):
            return partial(_tell, self._smtp, mail.address, written)
        return self.ready_message(letter.message(mail.address, mail.message_id))

    def ready_message(self, message: EmailMessage) -> HandOver:
        """Return what hands a message over."""
        return partial(_send, self._connection, message)


def _tell(backend: EmailBackend, address: str, letter: Written) -> None:
    assert backend.connection
    backend.connection.sendmail(letter.sender, [address], letter.content)


def _send(connection: BaseEmailBackend, message: EmailMessage) -> None:
    if connection.send_messages([message]) == 0:
        raise TransientError("the mail backend sent nothing")
