"""People: from a notifiable event that was written by itself to the person's notifications."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Sequence

from django.db.models import QuerySet

from clarion.bus.claims import claim, finish
from clarion.bus.failure import record_failure
from clarion.channels.base import Addressee, News
from clarion.database.insertion import Rows
from clarion.database.writing import writing
from clarion.delivery.plan import Planner
from clarion.delivery.registry import CHANNELS
from clarion.faults import fault_point
from clarion.models import NotifiableEvent
from clarion.models.person import read_by

logger = logging.getLogger("clarion")

CHUNK = 500


def tell_people(rows: QuerySet[NotifiableEvent]) -> bool:
    """Create the notifications of some people who are due to be told; False if none is."""
    rows = rows.select_related("person", "event_log")
    # What was tried before may have killed its worker: taken alone, it cannot harm the others.
    claimed = claim(rows.filter(attempts=0), CHUNK) or claim(rows)
    if claimed:
        _tell(claimed)
    return bool(claimed)


def _tell(rows: Sequence[NotifiableEvent]) -> None:
    try:
        with writing():
            _create_notifications(rows)
            fault_point("people.before_commit")
    except Exception as error:  # noqa: BLE001  # whatever it is, it is one person's: the others go on
        if len(rows) > 1:
            for row in rows:
                _tell([row])
        else:
            record_failure(rows[0], error)


def _create_notifications(rows: Sequence[NotifiableEvent]) -> None:
    readers = {row.pk: read_by(row.person) for row in rows}
    planner = Planner(
        {reader.key: reader for reader in readers.values()}.values(),
        {row.event_type for row in rows},
        {_subject_of(row) for row in rows},
    )
    written: dict[str, list[Rows]] = defaultdict(list)
    endings: dict[tuple[tuple[tuple[str, str], ...], str], list[NotifiableEvent]] = defaultdict(list)
    for row in rows:
        reader = readers[row.pk]
        news = _news_for(row)
        (group,) = planner.groups(news, [reader])
        for channel in CHANNELS:
            if content := group.contents.get(channel.name):
                written[channel.name].append(
                    channel.rows(news, content, [Addressee(reader, row.pk)], group.digest)
                )
        endings[tuple(group.outcomes.items()), group.error].append(row)
    for channel in CHANNELS:
        channel.record(written[channel.name])
    # Those that end alike are written together.
    for (outcomes, error), alike in endings.items():
        finish(alike, outcomes=dict(outcomes), error=error)


def _news_for(row: NotifiableEvent) -> News:
    withdrawal = row.event_log.withdrawal if row.event_log else ""
    about = (row.event_type, _subject_of(row), withdrawal)
    return News(*about, row.params, row.link, row.urgent, row.created_at)


def _subject_of(row: NotifiableEvent) -> str:
    return row.event_log.subject if row.event_log else ""
