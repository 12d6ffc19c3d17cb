"""Tally: how many notifications a person has in a state. Every page and every badge asks."""

from __future__ import annotations

from functools import lru_cache

from django.db.models import Model, Value
from django.utils import timezone

from clarion.database.statement import Slot, Statement, counting
from clarion.inbox.listing import State, stands
from clarion.models import AppNotification


def tally(person: Model, state: State, limit: int | None = None, *, unseen: bool = False) -> int:
    """Return how many of the person's notifications stand so.

    Args:
        limit: where to stop counting.
        unseen: count only what the person has not had in sight.
    """
    if limit == 0:
        return 0
    alias = AppNotification.objects.db
    statement = _statement(state, limit, unseen, alias)
    return statement(person=person.pk, snoozed_until=timezone.now())


@lru_cache(maxsize=64)
def _statement(state: State, limit: int | None, unseen: bool, alias: str) -> Statement:
    # Building it takes longer than the count.
    is_in_state = stands(state, Slot(AppNotification, "snoozed_until"))
    rows = AppNotification.objects.using(alias).filter(is_in_state, person=Slot(AppNotification, "person"))
    if unseen:
        rows = rows.filter(seen_at=None)
    # The first rows are found by the index of the listing; all of them need no order.
    rows = rows.order_by() if limit is None else rows.order_by("-pk")
    return counting(rows.values_list(Value(1))[:limit])
