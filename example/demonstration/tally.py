"""Counts what the story has led to, and says what is missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path

from clarion.models import (
    AppNotification,
    EmailNotification,
    EventLog,
    HandlerRun,
    NotifiableEvent,
    RecipientBatch,
)

UNFINISHED = ("pending", "running", "failed")


@dataclass(frozen=True)
class Tally:
    """What the events of one run have led to."""

    events: int
    people: int
    app_notifications: int
    emails_sent: int

    def __str__(self) -> str:
        return (
            f"demo: {self.events} events, {self.people} people, "
            f"{self.app_notifications} app notifications, {self.emails_sent} emails sent"
        )


def count(events: Collection[int]) -> Tally:
    """Count from the database."""
    notifiable = NotifiableEvent.objects.filter(event_log__in=events)
    return Tally(
        events=EventLog.objects.filter(pk__in=events).count(),
        people=notifiable.values("person").distinct().count(),
        app_notifications=AppNotification.objects.filter(event__in=notifiable).count(),
        emails_sent=EmailNotification.objects.filter(event__in=notifiable, status="sent").count(),
    )


def unfinished() -> int:
    """How many rows, of this run or an earlier one, some worker must still bring to an end."""
    models = (EventLog, HandlerRun, RecipientBatch, NotifiableEvent, EmailNotification)
    return sum(model.objects.filter(status__in=UNFINISHED).count() for model in models)


def missing(expected: Mapping[int, frozenset[str]], folder: Path) -> Iterator[str]:
    """Say what is wrong with the outcome of these events, each with the logins of who should know of it."""
    kept = Counter(message_ids(folder))
    for event in EventLog.objects.filter(pk__in=expected).order_by("pk"):
        if event.status != "done":
            yield f"{event} is {event.status}: {event.error}"
        told = event.notifiable_events.select_related("person__user", "appnotification", "emailnotification")
        logins = {notifiable.person.user.username for notifiable in told}
        yield from (f"{login} was not told of {event}" for login in sorted(expected[event.pk] - logins))
        yield from (f"{login} was told of {event}" for login in sorted(logins - expected[event.pk]))
        for notifiable in told:
            yield from _missing_for_person(notifiable, kept)


def message_ids(folder: Path) -> Iterator[str]:
    """The Message-ID of every mail in the folder."""
    for path in folder.glob("*.eml"):
        yield str(message_from_bytes(path.read_bytes(), policy=policy.default)["Message-ID"])


def _missing_for_person(notifiable: NotifiableEvent, kept: Counter[str]) -> Iterator[str]:
    if notifiable.status != "done":
        yield f"{notifiable} is {notifiable.status}: {notifiable.error}"
    for channel in ("app", "email"):
        notification = getattr(notifiable, f"{channel}notification", None)
        wanted = notifiable.outcomes.get(channel, "").startswith("created")
        if wanted != (notification is not None):
            yield f"{notifiable}, {channel}: {notifiable.outcomes.get(channel, 'no outcome')}"
        elif notification is not None and notification.is_fallback:
            yield f"{notifiable}, {channel}: fell back to the stand-in text"
    mail = getattr(notifiable, "emailnotification", None)
    if mail is not None and (mail.status != "sent" or kept[mail.message_id] != 1):
        yield f"{notifiable}: e-mail {mail.status}, {kept[mail.message_id]} in the mailbox: {mail.error}"
