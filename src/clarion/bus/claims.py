"""Claims: who works on which row, until when, and who may write its outcome.

A claim is a lease on the database's clock. The attempt is counted and committed before the work
runs, so that work which kills its worker is not tried for ever. The token fences: a worker that
lost its lease cannot write.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, TypeVar

from django.db import connections, transaction
from django.db.models import F, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.sql import UpdateQuery
from django.utils import timezone

from clarion.bus.backoff import pause_after
from clarion.bus.error_text import said_by
from clarion.bus.held_row import update_held_row
from clarion.conf import get_settings
from clarion.database.clock import Now
from clarion.exceptions import CodeMissing, InvalidInput, LeaseLost, PermanentError
from clarion.models import Status, Work
from clarion.models.work import UNFINISHED

W = TypeVar("W", bound=Work)

DEPLOYMENT_PAUSE = timedelta(minutes=1)
"""How long work waits before it is shown to another worker, which may have the code it needs."""

_NOW = Now()  # one object, for held_row keeps a statement for each set of values, and hashes them each time


def is_due() -> Q:
    """Match rows that a worker may claim now: new ones, failed ones after their pause, abandoned ones."""
    return Q(due_at__lte=Now(), attempts__lt=get_settings().MAX_ATTEMPTS, status__in=UNFINISHED)


def is_abandoned() -> Q:
    """Match rows whose worker neither finished nor still holds its lease."""
    return Q(status=Status.RUNNING, due_at__lte=Now())


def claim(rows: QuerySet[W], limit: int = 1, join: Work | None = None) -> list[W]:
    """Lease up to `limit` due rows of `rows`, longest due first; their attempts are committed on return.

    Args:
        join: a row of a claim that this one becomes part of. It waits for rows that others look at.

    Raises:
        RuntimeError: within a transaction, which could take the attempts back.
    """
    with transaction.atomic(using=rows.db, savepoint=False, durable=True):
        pass  # only asked: a claim is one statement, and needs none
    token = join.lease_token if join else uuid.uuid4()
    leased = {
        "status": Status.RUNNING,
        "attempts": F("attempts") + 1,
        "lease_token": token,
        "due_at": Now() + get_settings().LEASE,
    }
    due = rows.filter(is_due()).select_related(None).order_by("due_at", "pk")[:limit]
    pks = due.values_list("pk", flat=True)
    if connections[rows.db].vendor in ("postgresql", "sqlite"):
        keys = _lease(pks, leased)
    else:
        keys = _lease_in_two_steps(pks, leased, waits=join is not None)
    return _read(keys, token, rows) if keys else []


def _read(keys: Sequence[int], token: uuid.UUID | None, rows: QuerySet[W]) -> list[W]:
    # What was leased is ours, whether or not it still meets what made us choose it. Unless the answer came
    # too late: the token of those who took it over, or none if they have finished, must not become ours.
    ours = rows.model._default_manager.using(rows.db).filter(pk__in=keys, lease_token=token).order_by("pk")
    ours.query.select_related = rows.query.select_related
    return list(ours)


def _lease(due: QuerySet[W, int], leased: dict[str, Any]) -> list[int]:
    connection = connections[due.db]
    quote = connection.ops.quote_name
    select, values = due.query.get_compiler(connection=connection).as_sql()
    if connection.vendor == "postgresql":
        # In an array, or the planner may run it more than once, and lock more than the limit. The lock is
        # added by hand, for Django refuses it outside of a transaction, which one statement does not need.
        lock = f"FOR UPDATE OF {quote(due.model._meta.db_table)} SKIP LOCKED"
        select = f"SELECT unnest(ARRAY({select} {lock}))"
    rows = due.model._default_manager.using(due.db)
    update: Any = rows.filter(pk__in=RawSQL(select, values)).query.chain(UpdateQuery)
    update.add_update_values(leased)
    statement, values = update.get_compiler(connection=connection).as_sql()
    with connection.cursor() as cursor:
        cursor.execute(f"{statement} RETURNING {quote(str(due.model._meta.pk.column))}", values)
        return [pk for (pk,) in cursor.fetchall()]


def _lease_in_two_steps(due: QuerySet[W, int], leased: dict[str, Any], *, waits: bool) -> list[int]:
    # Who only looks for what is due holds locks too, on all that they have read: InnoDB cannot tell.
    features = connections[due.db].features
    with transaction.atomic(using=due.db):
        keys = list(
            due.select_for_update(
                skip_locked=features.has_select_for_update_skip_locked and not waits,
                of=("self",) if features.has_select_for_update_of else (),
            )
        )
        due.model._default_manager.using(due.db).filter(pk__in=keys).update(**leased)
    return keys


def finish(claimed: Sequence[Work], status: Status = Status.DONE, **outcome: Any) -> None:
    """Write the same outcome to rows of one claim; `error` is cleared unless given.

    Raises:
        LeaseLost: another worker holds one of them by now; roll back what was done for it.
    """
    outcome.setdefault("error", "")
    _write(claimed, status=status, finished_at=_NOW, due_at=None, lease_token=None, **outcome)


def fail(claimed: Sequence[Work], error: BaseException, **outcome: Any) -> None:
    """Record a failed attempt of rows of one claim: due again after a pause, or dead if that cannot help.

    They stay together, and the most tried of them counts. What waits for newer code is not counted, and waits
    until its retention ends.

    Raises:
        LeaseLost: another worker holds one of them by now.
    """
    outcome["error"] = said_by(error)
    attempts = max(row.attempts for row in claimed)
    if isinstance(error, CodeMissing):
        is_last = max(row.delete_at for row in claimed) <= timezone.now()
        pause, counted = DEPLOYMENT_PAUSE, {"attempts": F("attempts") - 1}
    else:
        is_last = attempts >= get_settings().MAX_ATTEMPTS or isinstance(error, PermanentError | InvalidInput)
        pause, counted = pause_after(attempts), {}
    if is_last:
        finish(claimed, Status.DEAD, **outcome)
    else:
        _postpone(claimed, pause, **counted, **outcome)


def put_back(claimed: Sequence[Work], pause: timedelta = timedelta(0), **outcome: Any) -> None:
    """End the lease of those rows that are still held, and let them be due again after `pause`.

    Args:
        outcome: other values; `due_at` goes before the pause.
    """
    _held(claimed).update(**{**_released(pause), **outcome})


def put_back_unbegun(claimed: Sequence[Work], pause: timedelta = timedelta(0), **outcome: Any) -> None:
    """Put back rows as if they had not been claimed: this was no attempt."""
    put_back(claimed, pause, **{"status": Status.PENDING, "attempts": F("attempts") - 1, **outcome})


def presume(row: Work, status: Status, error: str) -> None:
    """Commit the outcome that will stand if this worker dies now, and why; it may still write another.

    Raises:
        LeaseLost: another worker holds the row by now.
    """
    _write([row], status=status, error=error, due_at=None, finished_at=_NOW)


def keep(claimed: Sequence[Work], **values: Any) -> None:
    """Commit what must be known of rows of one claim before the work on them goes on.

    Raises:
        LeaseLost: another worker holds one of them by now.
    """
    _write(claimed, **values)


def renew(claimed: Sequence[Work]) -> bool:
    """Begin the lease of rows of one claim anew; return whether any was still held."""
    return bool(_held(claimed).update(due_at=Now() + get_settings().LEASE))


def still_held(claimed: Sequence[Work]) -> set[int]:
    """Return the primary keys of those rows of one claim that nobody has taken over or deleted since."""
    return set(_held(claimed).values_list("pk", flat=True))


def hand_on(claimed: Sequence[Work]) -> None:
    """End the lease of rows that stay `running` until the work they led to is finished.

    Raises:
        LeaseLost: another worker holds one of them by now.
    """
    _write(claimed, due_at=None, lease_token=None)


def _released(pause: timedelta) -> dict[str, Any]:
    # SQLite compares text, and writes a sum with more digits: due in this very millisecond would be later.
    due_at = Now() + pause if pause else Now()
    return {"due_at": due_at, "lease_token": None, "finished_at": None}


def _postpone(claimed: Sequence[Work], pause: timedelta, **outcome: Any) -> None:
    # Not by update_held_row, which keeps a statement for each expression: pauses are hardly ever the same.
    values = {"status": Status.FAILED, **_released(pause), **outcome}
    if _held(claimed).update(**values) < len(claimed):
        raise LeaseLost


def _write(claimed: Sequence[Work], **values: Any) -> None:
    if len(claimed) == 1:
        written = int(update_held_row(claimed[0], values))
    else:
        written = _held(claimed).update(**values)
    if written < len(claimed):
        raise LeaseLost


def _held(claimed: Sequence[Work]) -> QuerySet[Work]:
    first = claimed[0]
    return type(first)._default_manager.filter(
        pk__in=[row.pk for row in claimed], lease_token=first.lease_token
    )
