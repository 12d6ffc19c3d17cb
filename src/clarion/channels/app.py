"""The app channel: the inbox inside the product."""

from __future__ import annotations

from clarion.channels.base import Channel
from clarion.events import EventTypes
from clarion.models import AppNotification, AppNotificationTemplate, NotifiableEvent
from clarion.models.app_notification import MESSAGE_LIMIT
from clarion.models.lifetime import lifetime_of
from clarion.rendering.renderer import Content


class AppChannel(Channel):
    """An inbox item is delivered by being written."""

    name = "app"
    template_model = AppNotificationTemplate
    notification_model = AppNotification
    text_fields = ("title", "message")

    def compose(self, event: NotifiableEvent, content: Content) -> AppNotification:
        """Return the inbox item; an overlong message is cut where the reader can see it."""
        cut = len(content.body) > MESSAGE_LIMIT
        return AppNotification(
            event=event,
            person_id=event.person_id,
            event_type=event.event_type,
            title=content.heading,
            message=f"{content.body[: MESSAGE_LIMIT - 1]}…" if cut else content.body,
            link=event.link,
            is_fallback=content.is_fallback,
            delete_at=event.created_at + lifetime_of(EventTypes.get(event.event_type)).inbox,
        )
