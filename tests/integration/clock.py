"""Time that passes at once. Every deadline is a column on the database's clock, so the columns move."""

from datetime import timedelta

from django.db.models import F

from clarion.models import (
    AppNotification,
    ChannelPause,
    EmailNotification,
    EventLog,
    HandlerRun,
    Heartbeat,
    NotifiableEvent,
    RecipientBatch,
)

WORK = (EventLog, HandlerRun, RecipientBatch, NotifiableEvent, EmailNotification)


def let_pass(time: timedelta) -> None:
    """Bring what is due, leased, paused or to be deleted at some time closer, and what has ended farther."""
    for model in WORK:
        model.objects.update(
            due_at=F("due_at") - time,
            delete_at=F("delete_at") - time,
            finished_at=F("finished_at") - time,
        )
    AppNotification.objects.update(delete_at=F("delete_at") - time)
    ChannelPause.objects.update(until=F("until") - time)
    Heartbeat.objects.update(beat_at=F("beat_at") - time)
