"""The admin: history to read, templates and preferences to edit."""

from clarion.admin.events import EventLogAdmin, HandlerRunAdmin, NotifiableEventAdmin
from clarion.admin.notifications import AppNotificationAdmin, EmailNotificationAdmin
from clarion.admin.preferences import NotificationPreferenceAdmin
from clarion.admin.templates import AppNotificationTemplateAdmin, EmailNotificationTemplateAdmin

__all__ = [
    "AppNotificationAdmin",
    "AppNotificationTemplateAdmin",
    "EmailNotificationAdmin",
    "EmailNotificationTemplateAdmin",
    "EventLogAdmin",
    "HandlerRunAdmin",
    "NotifiableEventAdmin",
    "NotificationPreferenceAdmin",
]
