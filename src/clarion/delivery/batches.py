"""Batches: from the people whom a handler named to their notifications, many at a time."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.utils import timezone

from clarion.bus.claims import claim, finish
from clarion.bus.failure import record_failure
from clarion.channels.base import Addressee, Channel, News
from clarion.database.insertion import Rows, insert_missing
from clarion.database.writing import writing
from clarion.delivery.plan import Group, Planner
from clarion.delivery.registry import CHANNELS
from clarion.exceptions import CodeMissing, LeaseLost
from clarion.faults import fault_point
from clarion.models import NotifiableEvent, RecipientBatch, Status
from clarion.models.person import Reader, get_person_model, language_if_known, readers

logger = logging.getLogger("clarion")

SMALL = 50
"""People in a batch that is told together with others."""
TOGETHER = 100
"""Small batches that are told together."""

People = Mapping[int, Sequence[Reader]]
"""Who is in each batch, by its primary key."""


def tell_batches(batches: QuerySet[RecipientBatch]) -> bool:
    """Create the notifications of the people of some batches that are due; False if none is.

    Small batches go first, and together: they take next to no time.
    """
    rows = batches.select_related("run__event")
    claimed = claim(rows.filter(size__lte=SMALL, attempts=0), TOGETHER) or claim(rows)
    if not claimed:
        return False
    fault_point("process.after_claim")
    if claimed[0].attempts == 1:
        _tell(claimed)
    else:
        # Its worker may have been killed by one of its people: apart, they are told some hundred at a
        # time, and those with whom a worker dies again one by one, so that nobody can harm the others.
        _part(claimed[0])
    return True


def _tell(batches: Sequence[RecipientBatch]) -> None:
    try:
        with writing():
            _create_notifications(batches)
            fault_point("process.before_commit")
    except Exception as error:  # noqa: BLE001  # whatever it is, it is one person's: the others go on
        if len(batches) > 1:
            for batch in batches:
                _tell([batch])
        elif isinstance(error, LeaseLost | CodeMissing):
            record_failure(batches[0], error)
        else:
            about = {"batch_id": batches[0].pk, "error": type(error).__name__}
            logger.warning("batch failed; its people are told one by one", extra=about)
            _part(batches[0])


def _create_notifications(batches: Sequence[RecipientBatch]) -> None:
    people = _people_of(batches)
    everyone = {reader.key: reader for readers in people.values() for reader in readers}
    events = [batch.run.event for batch in batches]
    planner = Planner(
        everyone.values(), {event.event_type for event in events}, {event.subject for event in events}
    )
    plans = [_planned(batch, planner, people[batch.pk]) for batch in batches]
    told = _record_told(plans)
    written: dict[str, list[Rows]] = defaultdict(list)
    for channel, rows in _notifications(plans, told):
        written[channel.name].append(rows)
    for channel in CHANNELS:
        channel.record(written[channel.name])
    complete = [batch for batch in batches if len(people[batch.pk]) == batch.size]
    if complete:
        finish(complete)
    for batch in batches:
        if batch not in complete:
            _finish(batch, found=len(people[batch.pk]))


class _Plan(NamedTuple):
    batch: RecipientBatch
    news: News
    groups: list[Group]


def _planned(batch: RecipientBatch, planner: Planner, readers: Sequence[Reader]) -> _Plan:
    event = batch.run.event
    about = (event.event_type, event.subject, event.withdrawal)
    news = News(*about, batch.params, batch.link, batch.urgent, created_at=timezone.now())
    return _Plan(batch, news, list(planner.groups(news, readers)))


def _record_told(plans: Sequence[_Plan]) -> Mapping[int, Mapping[Any, int]]:
    """Insert the notifiable events; return their primary keys, by run and by person."""
    rows = []
    for plan in plans:
        pairs = [(reader.key, each) for each in plan.groups for reader in each.readers]
        # In one order everywhere, so that overlapping batches cannot deadlock.
        pairs.sort(key=itemgetter(0))
        alike = {
            **_alike(plan.batch),
            "created_at": plan.news.created_at,
            "status": Status.DONE,
            "due_at": None,
            "finished_at": plan.news.created_at,
        }
        reasons = {
            language: _reason_in(language, plan.batch)
            for language in {group.language for group in plan.groups}
        }
        differing = {
            "person_id": [key for key, _group in pairs],
            "reason": [reasons[group.language] for _key, group in pairs],
            "outcomes": [group.outcomes for _key, group in pairs],
            "error": [group.error for _key, group in pairs],
        }
        rows.append(Rows(alike, differing))
    inserted = insert_missing(NotifiableEvent, rows, returning=("run_id", "person_id", "id"))
    if inserted is None:
        runs = [plan.batch.run_id for plan in plans]
        keys = [key for part in rows for key in part.differing["person_id"]]
        known = NotifiableEvent.objects.filter(run__in=runs, person__in=keys, status=Status.DONE)
        inserted = list(known.values_list("run_id", "person_id", "pk"))
    as_key = get_person_model()._meta.pk.to_python
    told: dict[int, dict[Any, int]] = defaultdict(dict)
    for run_id, person_id, pk in inserted:
        told[run_id][as_key(person_id)] = pk
    return told


def _notifications(
    plans: Sequence[_Plan], told: Mapping[int, Mapping[Any, int]]
) -> Iterator[tuple[Channel, Rows]]:
    for plan in plans:
        event_of = told[plan.batch.run_id]
        for group in plan.groups:
            addressees = [
                Addressee(reader, event_of[reader.key]) for reader in group.readers if reader.key in event_of
            ]
            for channel in CHANNELS:
                content = group.contents.get(channel.name)
                if content and addressees:
                    yield channel, channel.rows(plan.news, content, addressees, group.digest)


def _part(batch: RecipientBatch) -> None:
    """Write down each person of a batch for themselves."""
    people = get_person_model()._default_manager.filter(pk__in=_keys_of(batch)).order_by("pk")
    try:
        with writing():
            languages = {person.pk: language_if_known(person) for person in people}
            reasons = [_reason_in(language, batch) for language in languages.values()]
            untried = {**_alike(batch), "attempts": 0}
            rows = Rows(untried, {"person_id": list(languages), "reason": reasons})
            insert_missing(NotifiableEvent, [rows])
            _finish(batch, found=len(languages))
    except Exception as error:  # noqa: BLE001  # recorded, as every failure is
        record_failure(batch, error)


def _people_of(batches: Sequence[RecipientBatch]) -> People:
    """Return who is in each batch, by ascending key; those who were deleted meanwhile are in none."""
    keys = {batch.pk: _keys_of(batch) for batch in batches}
    everyone = {key for of_batch in keys.values() for key in of_batch}
    known = {reader.key: reader for reader in readers(everyone)}
    return {pk: [known[key] for key in of_batch if key in known] for pk, of_batch in keys.items()}


def _keys_of(batch: RecipientBatch) -> list[Any]:
    as_key = get_person_model()._meta.pk.to_python
    return [as_key(key) for key in batch.people]


def _finish(batch: RecipientBatch, found: int) -> None:
    gone = batch.size - found
    finish([batch], note=f"deleted meanwhile: {gone}" if gone else batch.note)


def _alike(batch: RecipientBatch) -> dict[str, Any]:
    """Return what all notifiable events of a batch have in common. It was their first attempt."""
    event = batch.run.event
    return {
        "event_log_id": event.pk,
        "run_id": batch.run_id,
        "event_type": event.event_type,
        "params": batch.params,
        "link": batch.link,
        "urgent": batch.urgent,
        "attempts": 1,
        "delete_at": batch.delete_at,
    }


def _reason_in(language: str, batch: RecipientBatch) -> str:
    """Return why they are told, in their language, or in that of somebody who was named with them."""
    return batch.reasons.get(language) or next(iter(batch.reasons.values()), "")
