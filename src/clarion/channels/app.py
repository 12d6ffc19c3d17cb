"""The app channel: the inbox inside the product."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from clarion.channels.base import Addressee, Channel, News
from clarion.database.insertion import Rows
from clarion.direction import shortened
from clarion.events import EventTypes
from clarion.models import AppNotification, AppNotificationTemplate
from clarion.models.app_notification import MESSAGE_LIMIT
from clarion.models.lifetime import lifetime_of
from clarion.preferences.cadence import Digest
from clarion.realtime.announcement import announce
from clarion.rendering.renderer import Content


class AppChannel(Channel):
    """An inbox item is delivered by being written."""

    name = "app"
    template_model = AppNotificationTemplate
    notification_model = AppNotification

    def texts(self, content: Content) -> dict[str, str]:
        """Return title and message; an overlong message is cut where the reader can see it."""
        return {"title": content.heading, "message": shortened(content.body, MESSAGE_LIMIT)}

    def rows(
        self, news: News, content: Content, addressees: Sequence[Addressee], digest: Digest | None
    ) -> Rows:
        """Return the inbox items, which wait for no digest."""
        alike, differing = self._common(news, content, addressees)
        kept = lifetime_of(EventTypes.get(news.event_type)).inbox
        of_item = {"event_type": news.event_type, "delete_at": news.created_at + kept}
        return Rows({**alike, **of_item}, differing)

    def record(self, rows: Iterable[Rows]) -> None:
        """Write inbox items, and tell the open pages of those whose they are."""
        rows = list(rows)
        super().record(rows)
        announce(person_id for part in rows for person_id in part.differing["person_id"])
