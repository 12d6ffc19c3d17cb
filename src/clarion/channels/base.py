"""Channel: one way to reach a person."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from typing import Any, ClassVar

from django.db.models import Model, QuerySet

from clarion.models import NotifiableEvent, NotificationTemplate
from clarion.models.insertion import insert_missing
from clarion.models.notification import Notification
from clarion.preferences.decision import Reason
from clarion.rendering.renderer import Content


class Channel(ABC):
    """Knows which rows a channel writes and whom it can reach. One file for each channel."""

    name: ClassVar[str]
    template_model: ClassVar[type[NotificationTemplate]]
    notification_model: ClassVar[type[Notification]]
    text_fields: ClassVar[tuple[str, ...]]
    """The notification's fields that hold rendered text."""

    def refusals(self, people: Collection[Model]) -> dict[Any, Reason]:
        """Return, by primary key, those who cannot be reached here, with the reason."""
        return {}

    @abstractmethod
    def compose(self, event: NotifiableEvent, content: Content) -> Notification:
        """Return the unsaved notification. `event.person` is loaded."""

    def fallbacks(self) -> QuerySet[Any]:
        """Return the notifications with a stand-in text that can still be put right."""
        return self.notification_model._default_manager.filter(is_fallback=True)

    def record(self, notifications: Sequence[Any]) -> None:
        """Write notifications; those that exist already stay as they are."""
        insert_missing(self.notification_model, notifications)
