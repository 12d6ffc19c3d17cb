"""Channel: one way to reach a person."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, ClassVar, NamedTuple

from django.db.models import QuerySet

from clarion.database.insertion import Rows, insert_missing
from clarion.models import NotificationTemplate
from clarion.models.notification import Notification
from clarion.models.person import Reader
from clarion.preferences.cadence import Digest
from clarion.preferences.decision import Reason
from clarion.rendering.renderer import Content


class News(NamedTuple):
    """What there is to tell, to however many people."""

    event_type: str
    subject: str
    withdrawal: str
    params: dict[str, Any]
    link: str
    urgent: bool
    created_at: datetime


class Addressee(NamedTuple):
    """A person, and the primary key of the notifiable event that names them."""

    reader: Reader
    event_id: int


class Channel(ABC):
    """Knows which rows a channel writes and whom it can reach. One file for each channel."""

    name: ClassVar[str]
    template_model: ClassVar[type[NotificationTemplate]]
    notification_model: ClassVar[type[Notification]]

    def refusals(self, readers: Collection[Reader]) -> dict[Any, Reason]:
        """Return, by primary key, those who cannot be reached here, with the reason."""
        return {}

    @abstractmethod
    def texts(self, content: Content) -> dict[str, str]:
        """Return the notification's fields that hold rendered text."""

    @abstractmethod
    def rows(
        self, news: News, content: Content, addressees: Sequence[Addressee], digest: Digest | None
    ) -> Rows:
        """Return the notifications of people who get the same words in the same language.

        Args:
            digest: what their mails wait for; None if they go at once.
        """

    def fallbacks(self) -> QuerySet[Any]:
        """Return the notifications with a stand-in text that can still be put right."""
        return self.notification_model._default_manager.filter(is_fallback=True)

    def record(self, rows: Iterable[Rows]) -> None:
        """Write notifications, in one statement; those that exist already stay as they are."""
        insert_missing(self.notification_model, rows)

    def _common(self, news: News, content: Content, addressees: Sequence[Addressee]) -> Rows:
        alike = {
            **self.texts(content),
            "link": news.link,
            "is_fallback": content.is_fallback,
            "template_version": content.template_version,
            "created_at": news.created_at,
        }
        differing = {
            "event_id": [addressee.event_id for addressee in addressees],
            "person_id": [addressee.reader.key for addressee in addressees],
        }
        return Rows(alike, differing)
