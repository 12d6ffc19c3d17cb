"""Planner: from notifiable events to notifications. Decide, render, record: a chunk at a time."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from django.db import transaction
from django.db.models import Q

from clarion.bus.claims import claim, fail, finish, while_due
from clarion.bus.hints import Job, hint
from clarion.delivery.registry import CHANNELS
from clarion.events import EventTypes
from clarion.exceptions import LeaseLost
from clarion.faults import fault_point
from clarion.models import EmailNotification, NotifiableEvent, NotificationPreference
from clarion.models.notification import Notification
from clarion.models.person import is_active, language_of
from clarion.preferences.decision import Decision, Reason, decide
from clarion.realtime.announcement import announce
from clarion.rendering.lookup import TemplateShelf
from clarion.rendering.renderer import content_for

logger = logging.getLogger("clarion")

CHUNK = 500


class _Ending(NamedTuple):
    """What is written to all rows of a chunk that end alike, in one statement."""

    outcomes: tuple[tuple[str, str], ...]
    error: str


def process_notification(notifiable_event_id: int) -> None:
    """Create one person's notifications, by their preference."""
    if claimed := claim(NotifiableEvent.objects.filter(pk=notifiable_event_id).select_related("person")):
        _process_chunk(claimed)


def process_notifications(event_id: int) -> None:
    """Create the notifications of everyone who should know of an event."""
    rows = NotifiableEvent.objects.filter(event_log=event_id).select_related("person")

    def claim_next() -> list[NotifiableEvent]:
        # What was tried before may have killed its worker: taken alone, it cannot harm the others.
        return claim(rows, CHUNK, only=Q(attempts=0)) or claim(rows)

    for chunk in while_due(claim_next, rest=partial(hint, Job.PROCESS_NOTIFICATIONS, event_id)):
        _process_chunk(chunk)


def _process_chunk(chunk: Sequence[NotifiableEvent]) -> None:
    fault_point("process.after_claim")
    try:
        with transaction.atomic():
            _create_notifications(chunk)
            fault_point("process.before_commit")
    except Exception as error:  # noqa: BLE001  # whatever it is, it is one person's: the others go on
        if len(chunk) > 1:
            for row in chunk:
                _process_chunk([row])
        else:
            _record_failure(chunk[0], error)


def _record_failure(row: NotifiableEvent, error: Exception) -> None:
    about = {"notifiable_event_id": row.pk, "error": type(error).__name__}
    try:
        if isinstance(error, LeaseLost):
            raise error
        fail(row, error)
    except LeaseLost:
        logger.warning("lease lost; what this worker did was rolled back", extra=about)
    else:
        logger.error("processing failed", extra=about)


def _create_notifications(chunk: Sequence[NotifiableEvent]) -> None:
    event_types = {row.event_type for row in chunk}
    shelves = {channel.name: TemplateShelf(channel.template_model, event_types) for channel in CHANNELS}
    preferences = {
        preference.person_id: preference
        for preference in NotificationPreference.objects.filter(person__in=[row.person_id for row in chunk])
    }
    people = list({row.person_id: row.person for row in chunk}.values())
    refusals = {channel.name: channel.refusals(people) for channel in CHANNELS}
    notifications: dict[str, list[Notification]] = defaultdict(list)
    endings: dict[_Ending, list[NotifiableEvent]] = defaultdict(list)
    for row in chunk:
        outcomes, problems = {}, {}
        for channel in CHANNELS:
            refusal = refusals[channel.name].get(row.person_id)
            decision = _decide(row, preferences.get(row.person_id), channel.name, refusal)
            outcomes[channel.name] = decision.outcome
            if decision.allowed:
                content = content_for(
                    shelves[channel.name], row.event_type, language_of(row.person), row.params
                )
                notifications[channel.name].append(channel.compose(row, content))
                if content.problem:
                    problems[channel.name] = content.problem
        error = "\n".join(f"{name}: {problem}" for name, problem in problems.items())
        endings[_Ending(tuple(outcomes.items()), error)].append(row)
    for channel in CHANNELS:
        channel.record(notifications[channel.name])
    announce(notification.person_id for notification in notifications["app"])
    for ending, rows in endings.items():
        finish(rows, outcomes=dict(ending.outcomes), error=ending.error)
    _hint_emails(notifications["email"])


def _decide(
    row: NotifiableEvent, preference: NotificationPreference | None, channel: str, refusal: Reason | None
) -> Decision:
    if not is_active(row.person):
        return Decision(False, Reason.INACTIVE)
    decision = decide(EventTypes.get(row.event_type), preference, channel)
    return Decision(False, refusal) if decision.allowed and refusal else decision


def _hint_emails(emails: Sequence[Notification]) -> None:
    for event_id in sorted({email.event.event_log_id for email in emails if email.event.event_log_id}):
        hint(Job.SEND_EMAILS, event_id)
    alone = [email.event_id for email in emails if email.event.event_log_id is None]
    if alone:
        for email_id in EmailNotification.objects.filter(event__in=alone).values_list("pk", flat=True):
            hint(Job.SEND_EMAIL, email_id)
