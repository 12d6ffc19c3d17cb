"""The mails that the demo's SMTP sink has saved, newest first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path

from django.conf import settings


@dataclass(frozen=True)
class Mail:
    """One saved mail. Its key is the name of its file without the ending."""

    key: str
    raw: bytes
    message: EmailMessage

    @property
    def subject(self) -> str:
        return str(self.message.get("Subject", ""))

    @property
    def sender(self) -> str:
        return str(self.message.get("From", ""))

    @property
    def recipients(self) -> str:
        return str(self.message.get("To", ""))

    @property
    def date(self) -> datetime | None:
        written = self.message.get("Date")
        return parsedate_to_datetime(str(written)) if written else None

    @property
    def text(self) -> str:
        return self._body("plain")

    @property
    def html(self) -> str:
        return self._body("html")

    def _body(self, kind: str) -> str:
        part = self.message.get_body((kind,))
        return str(part.get_content()) if part is not None else ""


def mails() -> Iterator[Mail]:
    """Every saved mail, newest first."""
    for path in sorted(_folder().glob("*.eml"), reverse=True):
        yield _read(path)


def find_mail(key: str) -> Mail | None:
    """The mail of that key. Only names that the folder itself lists are opened."""
    return next((_read(path) for path in _folder().glob("*.eml") if path.stem == key), None)


def _folder() -> Path:
    return Path(settings.MAIL_FOLDER)


def _read(path: Path) -> Mail:
    raw = path.read_bytes()
    return Mail(path.stem, raw, message_from_bytes(raw, EmailMessage, policy=policy.default))
