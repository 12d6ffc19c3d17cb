"""Evidence: read from the database and the ledger, when a run is over."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from django.contrib.auth import get_user_model

from chaos.oracle import Delivery, Event, Evidence, Letter, Run, Told
from chaos.project.models import Effect, Happening
from chaos.sink import Mail
from clarion.models import (
    AppNotification,
    EmailNotification,
    EventLog,
    HandlerRun,
    NotifiableEvent,
    RecipientBatch,
)
from clarion.models.work import UNFINISHED

PIPELINE = (EventLog, HandlerRun, RecipientBatch, NotifiableEvent, EmailNotification)
"""In this order, so that what one stage hands to the next is seen in one of them."""

ENDING = ("status", "error", "attempts")

LINK = re.compile(r"/happenings/(\d+)/")
"""In each mail, for each happening that it tells of."""


def unfinished() -> int:
    """Return how many rows some worker must still bring to an end."""
    return sum(model._default_manager.filter(status__in=UNFINISHED).count() for model in PIPELINE)


def collect(acknowledged: Collection[int], ledger: Collection[Mail], most_attempts: int) -> Evidence:
    """Return all that the oracle wants to see."""
    addresses = dict(get_user_model()._default_manager.values_list("pk", "email"))
    keys = {address: key for key, address in addresses.items() if address}
    return Evidence(
        acknowledged=acknowledged,
        happenings={
            number: [key for key in range(first, last + 1) if key in addresses]
            for number, first, last in Happening.objects.values_list("number", "first", "last")
        },
        events=[
            Event(key, payload["number"], kind, status, error, attempts, finished_at)
            for key, payload, kind, status, error, attempts, finished_at in EventLog.objects.values_list(
                "pk", "payload", "event_type", *ENDING, "finished_at"
            )
        ],
        runs=[Run(*row) for row in HandlerRun.objects.values_list("event", *ENDING)],
        told=[
            Told(*row)
            for row in NotifiableEvent.objects.values_list(
                "pk", "event_log", "person", "status", "error", "outcomes", "attempts"
            )
        ],
        inbox=list(AppNotification.objects.values_list("event", flat=True)),
        letters=[
            Letter(told, message_id, status, error or note, attempts)
            for told, message_id, status, error, note, attempts in EmailNotification.objects.values_list(
                "event", "message_id", "status", "error", "note", "attempts"
            )
        ],
        effects=list(Effect.objects.values_list("number", flat=True)),
        ledger=[_delivery(mail, keys) for mail in ledger],
        batches=[Run(*row) for row in RecipientBatch.objects.values_list("run__event", *ENDING)],
        with_address={key for key, address in addresses.items() if address},
        most_attempts=most_attempts,
    )


def _delivery(mail: Mail, keys: Mapping[str, int]) -> Delivery:
    person = keys.get(mail.recipient)
    numbers = {int(number) for number in LINK.findall(mail.text)} if person else set()
    tells = frozenset((number, person) for number in numbers if person)
    return Delivery(mail.message_id, tells, mail.accepted_at)
