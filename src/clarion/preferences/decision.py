"""Decisions: may this person be told of this type of event on this channel, and because of what."""

from __future__ import annotations

from typing import NamedTuple

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from clarion.events import EventType
from clarion.models import NotificationPreference, Withdrawal


class Reason(TextChoices):
    """Why a channel was or was not used for a person. Codes are stored: rename none."""

    MANDATORY = "mandatory", _("everyone concerned must be told")
    NO_RECORD = "no_record", _("the person has chosen nothing yet, so the default applies")
    DEFAULT = "default", _("the person has chosen nothing for this, so the default applies")
    CATEGORY_CHOICE = "category_choice", _("the person's choice for the category")
    EVENT_TYPE_CHOICE = "event_type_choice", _("the person's choice for this type of event")
    MUTED = "muted", _("the person has muted what it is about")
    NOT_OFFERED = "not_offered", _("this type of event does not use the channel")
    INACTIVE = "inactive", _("the person is not active")
    NO_ACCESS = "no_access", _("the person may not know of this any more")
    SUBJECT_GONE = "subject_gone", _("what it is about no longer exists")
    RETRACTED = Withdrawal.RETRACTED.value, Withdrawal.RETRACTED.label
    RESOLVED = Withdrawal.RESOLVED.value, Withdrawal.RESOLVED.label
    ALREADY_READ = "already_read", _("the person has read it in the app")
    NO_ADDRESS = "no_address", _("the person has no address")
    SUPPRESSED = "suppressed", _("mail servers refuse the person's address")
    MALFORMED_ADDRESS = "malformed_address", _("the person's address is not a valid one")


class Decision(NamedTuple):
    """Whether to tell, and because of what."""

    allowed: bool
    reason: Reason

    @property
    def outcome(self) -> str:
        """As stored in `NotifiableEvent.outcomes`: “created:…” or “skipped:…”."""
        return f"{'created' if self.allowed else 'skipped'}:{self.reason.value}"


def decide(
    event_type: EventType,
    preference: NotificationPreference | None,
    channel: str,
    *,
    is_muted: bool = False,
) -> Decision:
    """Decide by the event type's rules, then by the person's mutes, then by their preference.

    Args:
        is_muted: whether the person has muted the event's subject; `mutes_of` knows.
    """
    if channel not in event_type.channels:
        return Decision(False, Reason.NOT_OFFERED)
    if event_type.mandatory:
        return Decision(True, Reason.MANDATORY)
    if is_muted:
        return Decision(False, Reason.MUTED)
    if preference is None:
        return Decision(channel in NotificationPreference.DEFAULT.channels, Reason.NO_RECORD)
    if preference.for_event_type(event_type.name):
        reason = Reason.EVENT_TYPE_CHOICE
    elif preference.for_category(event_type.category.name):
        reason = Reason.CATEGORY_CHOICE
    else:
        reason = Reason.DEFAULT
    return Decision(channel in preference.choice_for(event_type).channels, reason)
