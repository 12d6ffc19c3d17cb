"""The connection to the mail server."""

from __future__ import annotations

from typing import Any

from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend


def mail_connection() -> BaseEmailBackend:
    """Return a new connection, not yet open: the default mailer (Django 6.1), else EMAIL_BACKEND."""
    mailers: Any = getattr(mail, "mailers", None)
    connection: BaseEmailBackend = mail.get_connection() if mailers is None else mailers["default"]
    return connection
