"""Long work keeps its lease for as long as its process lives, and no longer."""

import logging
import threading
import time
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import connection, connections
from pytest_django import Settings

from clarion.bus.claims import claim
from clarion.bus.heartbeat import heartbeat
from clarion.jobs import run
from clarion.models import EventLog, HandlerRun, Status
from tests.integration.happenings import happen, happenings
from tests.integration.other_connections import cut_other_connections

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("no_workers", "short_lease"),
]

PATIENCE = 20

only_where_writers_do_not_wait = pytest.mark.skipif(
    connection.vendor == "sqlite", reason="SQLite has one writer, which is the handler"
)


@pytest.fixture
def short_lease(settings: Settings) -> None:
    settings.CLARION = {**settings.CLARION, "LEASE": timedelta(seconds=0.6)}


@pytest.fixture
def row() -> EventLog:
    """An event that this worker has claimed."""
    with happenings():
        event = happen()
    [claimed] = claim(EventLog.objects.filter(pk=event.pk))
    return claimed


def wait_until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.02)


def lease_of(row: EventLog) -> datetime:
    lease = EventLog.objects.values_list("due_at", flat=True).get(pk=row.pk)
    assert lease
    return lease


def wait_for_a_beat(row: EventLog) -> None:
    before = lease_of(row)
    wait_until(lambda: lease_of(row) > before)


def hearts() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "clarion-heartbeat"]


def test_the_lease_is_renewed_while_the_work_goes_on(row: EventLog) -> None:
    with heartbeat([row]):
        for _ in range(2):
            wait_for_a_beat(row)


def test_the_heart_stops_with_the_work_however_it_ends(row: EventLog) -> None:
    with heartbeat([row]):
        assert len(hearts()) == 1
    assert hearts() == []

    with pytest.raises(RuntimeError, match="it broke"), heartbeat([row]):
        raise RuntimeError("it broke")
    assert hearts() == []


def test_a_lease_that_another_has_by_now_is_left_alone(row: EventLog) -> None:
    with heartbeat([row]):
        EventLog.objects.update(lease_token=uuid.uuid4())
        taken_over = lease_of(row)
        wait_until(lambda: hearts() == [])

    assert lease_of(row) == taken_over


@only_where_writers_do_not_wait
def test_a_dropped_connection_is_made_anew(row: EventLog, caplog: pytest.LogCaptureFixture) -> None:
    with heartbeat([row]), caplog.at_level(logging.WARNING, logger="clarion"):
        wait_for_a_beat(row)
        assert cut_other_connections() == 1
        wait_for_a_beat(row)

    assert [record.getMessage() for record in caplog.records] == ["lease not renewed"]


@only_where_writers_do_not_wait
def test_a_handler_that_outlasts_its_lease_is_not_run_by_another_worker() -> None:
    calls: list[int] = []

    def take_long(event: EventLog) -> None:
        calls.append(event.pk)
        time.sleep(1.2)  # two leases
        other = threading.Thread(target=come_by)
        other.start()
        other.join()

    def come_by() -> None:
        run("run_handler", HandlerRun.objects.get().pk)
        connections.close_all()

    with happenings(take_long):
        event = happen()
        run("dispatch_event", event.pk)
        run("run_handler", event.runs.get().pk)

    handler_run = event.runs.get()
    assert (handler_run.status, handler_run.attempts) == (Status.DONE, 1)
    assert len(calls) == 1
