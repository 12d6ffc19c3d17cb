"""Retention: what is past its `delete_at` goes, in batches, and never before its work has ended."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Exists, Model, OuterRef, QuerySet

from clarion.models import (
    AppNotification,
    EmailNotification,
    EventLog,
    HandlerRun,
    NotifiableEvent,
    RecipientBatch,
)
from clarion.models.clock import Now
from clarion.models.work import FINISHED, UNFINISHED

BATCH = 1000


def expired() -> Iterator[QuerySet[Model]]:
    """Yield what may be deleted now, children before parents; a parent waits for its last child."""

    def past(model: type[Model]) -> QuerySet[Model]:
        return model._default_manager.filter(delete_at__lte=Now())

    def has(child: type[Model], key: str) -> Exists:
        return Exists(child._default_manager.filter(**{key: OuterRef("pk")}))

    # Whoever has read it is not told of it again by a mail that still waits, for a digest.
    waits = EmailNotification.objects.filter(event=OuterRef("event"), status__in=UNFINISHED)
    yield past(AppNotification).filter(~Exists(waits))
    yield past(EmailNotification).filter(status__in=FINISHED)
    yield past(NotifiableEvent).filter(
        ~has(AppNotification, "event"), ~has(EmailNotification, "event"), status__in=FINISHED
    )
    yield past(RecipientBatch).filter(status__in=FINISHED)
    named = NotifiableEvent.objects.filter(event_log=OuterRef("event"))
    yield past(HandlerRun).filter(
        ~has(RecipientBatch, "run"), ~Exists(named), status__in=FINISHED, event__status__in=FINISHED
    )
    yield past(EventLog).filter(
        ~has(NotifiableEvent, "event_log"), ~has(HandlerRun, "event"), status__in=FINISHED
    )


def cleanup(batches: int | None = None) -> dict[str, int]:
    """Delete what has expired; return the number of rows by model.

    Args:
        batches: how many batches of 1,000 rows to delete at the most, for each model; all of it if None.
    """
    return {rows.model._meta.label: _delete_in_batches(rows, batches) for rows in expired()}


def count_expired() -> dict[str, int]:
    """Return how many rows of each model could go now; parents of rows counted here follow after them."""
    return {rows.model._meta.label: rows.count() for rows in expired()}


def _delete_in_batches(rows: QuerySet[Model], batches: int | None) -> int:
    deleted = done = 0
    while batches is None or done < batches:
        keys = list(rows.order_by("delete_at").values_list("pk", flat=True)[:BATCH])
        if not keys:
            break
        # The condition is asked again, in case one of them came back to life. No cascade: parents wait.
        deleted += rows.filter(pk__in=keys)._raw_delete(rows.db)
        done += 1
        if len(keys) < BATCH:
            break
    return deleted
