"""Waiting for workers: until what they write is there, and no longer."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from django.db.models import Count

from clarion.models import EventLog, NotifiableEvent

FIRST_PAUSE = 0.05
LONGEST_PAUSE = 0.5
GROWTH = 1.5
SHOWN = 10
"""How many rows an error describes."""


def wait_for_notifications(
    filter_kwargs: Mapping[str, Any], expected_count: int = 1, timeout: float = 10
) -> list[NotifiableEvent]:
    """Wait until this many notifiable events match, looking less and less often; return them.

    Args:
        filter_kwargs: look-ups on `NotifiableEvent`, as for `filter()`: `{"person": alice}`.
        expected_count: how many must match, neither fewer nor more.
        timeout: seconds to wait.

    Raises:
        TimeoutError: that number did not match in time; says what was found instead.
    """
    matching = NotifiableEvent.objects.filter(**filter_kwargs).order_by("pk")
    deadline = time.monotonic() + timeout
    pause = FIRST_PAUSE
    while True:
        found = list(matching.all())
        if len(found) == expected_count:
            return found
        left = deadline - time.monotonic()
        if left <= 0:
            break
        time.sleep(min(pause, left))
        pause = min(pause * GROWTH, LONGEST_PAUSE)
    wanted = ", ".join(filter_kwargs) or "anything"
    lines = [f"waited {timeout:g} s for {expected_count} notifiable events by {wanted}; found {len(found)}"]
    lines += [_described(row) for row in found[:SHOWN]]
    if len(found) > SHOWN:
        lines.append(f"and {len(found) - SHOWN} more")
    lines.append(f"all notifiable events: {_counted(NotifiableEvent)}")
    lines.append(f"all events: {_counted(EventLog)}")
    raise TimeoutError("\n  ".join(lines))


def _described(row: NotifiableEvent) -> str:
    problem = f": {row.error}" if row.error else ""
    return f"#{row.pk} {row.event_type}, person #{row.person_id}, {row.status}{problem}"


def _counted(model: type[EventLog] | type[NotifiableEvent]) -> str:
    groups = model._default_manager.values_list("event_type", "status").annotate(Count("pk")).order_by()
    return ", ".join(f"{count} {name} {status}" for name, status, count in sorted(groups)) or "none"
