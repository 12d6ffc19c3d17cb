"""The rows. What is not written here did not happen."""

from clarion.models.app_notification import AppNotification
from clarion.models.cadence import Cadence
from clarion.models.channel_pause import ChannelPause
from clarion.models.email_notification import EmailNotification
from clarion.models.event_log import EventLog, Withdrawal
from clarion.models.handler_run import HandlerRun
from clarion.models.heartbeat import Heartbeat
from clarion.models.inbox_state import InboxState
from clarion.models.mute import Mute
from clarion.models.notifiable_event import NotifiableEvent
from clarion.models.preference import NotificationPreference
from clarion.models.recipient_batch import RecipientBatch
from clarion.models.suppressed_address import SuppressedAddress
from clarion.models.template import AppNotificationTemplate, EmailNotificationTemplate, NotificationTemplate
from clarion.models.work import Status, Work

__all__ = [
    "AppNotification",
    "AppNotificationTemplate",
    "Cadence",
    "ChannelPause",
    "EmailNotification",
    "EmailNotificationTemplate",
    "EventLog",
    "HandlerRun",
    "Heartbeat",
    "InboxState",
    "Mute",
    "NotifiableEvent",
    "NotificationPreference",
    "NotificationTemplate",
    "RecipientBatch",
    "Status",
    "SuppressedAddress",
    "Withdrawal",
    "Work",
]
