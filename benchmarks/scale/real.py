"""Real: a day that is played with real workers in a minute, to see what the simulation is worth."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from benchmarks.project.events import CREATED, SEEN, URGENT, payload
from benchmarks.scale.queue import Arrival, Waits, described
from benchmarks.sink import sink
from clarion.bus import get_event_bus
from clarion.bus.relay import PIPELINE
from clarion.database.existence import existence
from clarion.models import ChannelPause, EmailNotification, NotifiableEvent, Status
from clarion.models.work import UNFINISHED

WORKER = """
import time, django
django.setup()
from clarion.jobs import run
while True:
    run("work", 0)
    time.sleep(0.005)
"""


def played(arrivals: Sequence[Arrival], workers: int) -> Mapping[str, Waits]:
    """Publish what arrives at its time; return how long it waited, by lane."""
    ChannelPause.objects.all().delete()
    EmailNotification.objects.update(status=Status.SENT, due_at=None)
    newest = NotifiableEvent.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    is_left = existence([model._default_manager.filter(status__in=UNFINISHED) for model in PIPELINE])
    with sink() as port, _workers(workers, port):
        began = time.monotonic()
        for at, event_type, people in _events(arrivals):
            time.sleep(max(0.0, began + at - time.monotonic()))
            get_event_bus().publish(event_type, payload(1, people))
        while any(is_left()):
            time.sleep(0.1)
    return _waits(newest)


def _events(arrivals: Sequence[Arrival]) -> Iterator[tuple[float, str, int]]:
    """Yield what to publish: mails come from events that are told by mail too."""
    mailed: dict[float, int] = {at: people for at, lane, people in arrivals if lane == "mail"}
    for at, lane, people in arrivals:
        if lane == "urgent":
            yield at, URGENT, people
        elif lane == "normal":
            by_mail = min(people, mailed.get(at, 0))
            if by_mail:
                yield at, CREATED, by_mail
            if people > by_mail:
                yield at, SEEN, people - by_mail


@contextmanager
def _workers(number: int, port: int) -> Iterator[None]:
    command = [sys.executable, "-c", WORKER]
    environment = {**os.environ, "BENCH_SMTP_PORT": str(port)}
    processes = [subprocess.Popen(command, env=environment) for _ in range(number)]
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


def _waits(newest: int) -> dict[str, Waits]:
    waits: dict[str, list[float]] = defaultdict(list)
    told = NotifiableEvent.objects.filter(pk__gt=newest)
    for event_type, published, at in told.values_list("event_type", "event_log__created_at", "created_at"):
        lane = "urgent" if event_type == URGENT else "normal"
        waits[lane].append((at - published).total_seconds())
    mails = EmailNotification.objects.filter(event__gt=newest)
    for written, sent in mails.values_list("created_at", "sent_at"):
        if sent:
            waits["mail"].append((sent - written).total_seconds())
    return {lane: described(found) for lane, found in waits.items()}
