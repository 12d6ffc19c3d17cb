"""The admin: history to read, dead work to revive, templates and preferences to edit."""

from clarion.admin.events import EventLogAdmin, HandlerRunAdmin, NotifiableEventAdmin, RecipientBatchAdmin
from clarion.admin.inbox import InboxStateAdmin, MuteAdmin
from clarion.admin.notifications import AppNotificationAdmin, EmailNotificationAdmin
from clarion.admin.operation import ChannelPauseAdmin, HeartbeatAdmin, SuppressedAddressAdmin
from clarion.admin.preferences import NotificationPreferenceAdmin
from clarion.admin.templates import AppNotificationTemplateAdmin, EmailNotificationTemplateAdmin

__all__ = [
    "AppNotificationAdmin",
    "AppNotificationTemplateAdmin",
    "ChannelPauseAdmin",
    "EmailNotificationAdmin",
    "EmailNotificationTemplateAdmin",
    "EventLogAdmin",
    "HandlerRunAdmin",
    "HeartbeatAdmin",
    "InboxStateAdmin",
    "MuteAdmin",
    "NotifiableEventAdmin",
    "NotificationPreferenceAdmin",
    "RecipientBatchAdmin",
    "SuppressedAddressAdmin",
]
