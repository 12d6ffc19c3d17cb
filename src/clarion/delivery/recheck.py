"""Recheck: is what was true at the event still true now that the mail goes out?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Model, prefetch_related_objects

from clarion.channels.email import EmailChannel
from clarion.events import EventType, EventTypes
from clarion.exceptions import SubjectGone
from clarion.models import EmailNotification, NotificationPreference
from clarion.models.person import is_active, read_by
from clarion.preferences.decision import Reason, decide
from clarion.preferences.mutes import mutes_of

RELATED = ("person__notification_preference", "event__appnotification")
"""What `outdated` reads of each mail, for the caller's `select_related`: one query for a batch."""

_channel = EmailChannel()


def outdated(mails: Sequence[EmailNotification]) -> dict[int, Reason]:
    """Return, by primary key, the mails that should not go out any more, with the reason.

    Raises:
        UnknownEventType: an event type is not declared in this worker.
    """
    # Many mails are of few events: one object for each, and not one for each mail.
    prefetch_related_objects(mails, "event__event_log")
    barred = _barred(mails)
    refusals = _channel.refusals([read_by(mail.person) for mail in mails])
    mutes = mutes_of({mail.person_id for mail in mails}, {_subject_of(mail) for mail in mails})
    found = {
        mail.pk: barred.get(mail.pk)
        or _reason_against(
            mail, refusals.get(mail.person_id), is_muted=(mail.person_id, _subject_of(mail)) in mutes
        )
        for mail in mails
    }
    return {pk: reason for pk, reason in found.items() if reason}


def preference_of(person: Model) -> NotificationPreference | None:
    """Return what the person has stored; loaded already where the person came with `RELATED`."""
    preference: NotificationPreference | None = _related(person, "notification_preference")
    return preference


def _reason_against(mail: EmailNotification, refusal: Reason | None, *, is_muted: bool) -> Reason | None:
    event, event_type = mail.event.event_log, EventTypes.get(mail.event.event_type)
    if event and event.withdrawal:
        return Reason(event.withdrawal)
    if not is_active(mail.person):
        return Reason.INACTIVE
    decision = decide(event_type, preference_of(mail.person), _channel.name, is_muted=is_muted)
    if not decision.allowed:
        return decision.reason
    item = _related(mail.event, "appnotification")
    is_dealt_with = item is not None and (item.is_read or item.archived_at is not None)
    if is_dealt_with and not event_type.mandatory:
        return Reason.ALREADY_READ
    return refusal


def _subject_of(mail: EmailNotification) -> str:
    return mail.event.event_log.subject if mail.event.event_log else ""


def _barred(mails: Sequence[EmailNotification]) -> dict[int, Reason]:
    """Return, by primary key, the mails of which the product says that they should not go out, and why."""
    by_event: dict[Any, list[EmailNotification]] = defaultdict(list)
    for mail in mails:
        by_event[mail.event.event_log].append(mail)
    barred: dict[int, Reason] = {}
    for event, group in by_event.items():
        event_type: EventType = EventTypes.get(group[0].event.event_type)
        if event_type.audience and event:
            payload = event_type.upcast(event.payload, event.payload_version)
            try:
                allowed = set(event_type.audience(payload, {mail.person_id for mail in group}))
            except SubjectGone:
                barred |= {mail.pk: Reason.SUBJECT_GONE for mail in group}
            else:
                barred |= {mail.pk: Reason.NO_ACCESS for mail in group if mail.person_id not in allowed}
    return barred


def _related(row: Any, name: str) -> Any:
    try:
        return getattr(row, name)
    except ObjectDoesNotExist:
        return None
