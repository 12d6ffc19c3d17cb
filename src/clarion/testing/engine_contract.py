"""The engine contract: what every engine must keep, as pytest tests that an engine's author inherits."""

from __future__ import annotations

import os
import signal
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, TypeVar

import pytest
from django.conf import settings as django_settings
from django.utils import timezone

from clarion.bus import get_event_bus
from clarion.bus.claims import is_abandoned
from clarion.bus.engines.base import Engine, get_engine
from clarion.bus.hints import Job
from clarion.bus.relay import relay
from clarion.exceptions import EngineUnavailable
from clarion.models import EventLog, HandlerRun, Status
from clarion.testing.cluster import running_worker
from clarion.testing.probe.event import PROBED, Ending, leave_trace
from clarion.testing.registration import registered, subscribed

if TYPE_CHECKING:
    from pytest_django import Settings

T = TypeVar("T")

LEASE = timedelta(seconds=2)
"""Of the workers under test: short, because tests wait for its end."""

DEADLINE = 60
"""Seconds that anything may take; far more than it does on an idle machine."""

PATIENCE = 10
"""Seconds that a publisher may have to wait for a broker that is away."""


class Message(NamedTuple):
    """What waits in the engine's queue."""

    arguments: tuple[object, ...]
    """What `clarion.jobs.run` will be called with."""

    text: str
    """All that travels, decoded as far as it can be."""


class EngineContract:
    """What holds for every engine, also for one that needs no worker.

    ```python
    class TestShopEngine(EngineContract):
        engine = "shop.engines.ShopEngine"
    ```

    Needs pytest-django. Subclass `QueueEngineContract` if hints wait in a queue for workers.
    """

    engine: ClassVar[str]
    """The engine's dotted path."""

    ledger: Path
    """Where the probe's handler notes that it ran."""

    def worker(self) -> AbstractContextManager[subprocess.Popen[bytes] | None]:
        """Return a context in which a worker runs: see `run_worker`. None is needed by default."""
        return nullcontext()

    @pytest.fixture(autouse=True)
    def _probe(self, transactional_db: None, settings: Settings, tmp_path: Path) -> Iterator[None]:
        settings.CLARION = {**getattr(settings, "CLARION", {}), "ENGINE": self.engine, "LEASE": LEASE}
        self.ledger = tmp_path / "ledger"
        self.ledger.touch()
        with registered(PROBED), subscribed(leave_trace, to=PROBED.name):
            yield

    def test_a_published_event_reaches_its_handler(self) -> None:
        with self.worker():
            event = self.publish()
            self.wait_for_status(event, Status.DONE)
        assert len(self.runs_of(event)) == 1

    def test_a_hint_given_twice_has_one_effect(self) -> None:
        event = self.publish()
        self.get_engine().enqueue(Job.WORK, event.pk)
        with self.worker():
            self.wait_for_status(event, Status.DONE)
            run = event.runs.get()
            self.get_engine().enqueue(Job.RUN_HANDLER, run.pk)
            self.get_engine().enqueue(Job.WORK, event.pk)
            self.wait_for_status(self.publish(), Status.DONE)
        assert len(self.runs_of(event)) == 1
        assert event.runs.get().attempts == 1

    def test_a_handler_that_raises_does_not_stop_the_next(self) -> None:
        with self.worker():
            raising = self.publish("raise")
            self.wait_for_status(self.publish(), Status.DONE)
            eventually(lambda: raising.runs.filter(status=Status.FAILED).exists(), "the failure on record")

    def test_the_relay_offers_what_no_hint_was_given_for(self) -> None:
        # As an event is given no hint if it is for later.
        event = self.publish(minutes_ago=1)
        assert self.status_of(event) == Status.PENDING
        with self.worker():
            assert relay() == 1
            self.wait_for_status(event, Status.DONE)

    def publish(self, ending: Ending = "return", minutes_ago: int | None = None) -> EventLog:
        """Publish an event of the probe; its handler ends as said."""
        at = None if minutes_ago is None else timezone.now() - timedelta(minutes=minutes_ago)
        return get_event_bus().publish(PROBED.name, self.payload(ending), at=at)

    def payload(self, ending: Ending = "return") -> dict[str, str]:
        """Return what the probe's handler is given, with a secret of its own."""
        self.secret = f"secret-{uuid.uuid4().hex}"
        return {"ledger": str(self.ledger), "ending": ending, "secret": self.secret}

    def get_engine(self) -> Engine:
        """Return the engine under test."""
        return get_engine()

    @contextmanager
    def run_worker(self, *arguments: str, **overrides: Any) -> Iterator[subprocess.Popen[bytes]]:
        """Run `python` with these arguments: a worker on the test's databases that knows the probe.

        Args:
            arguments: such as "-m", "django", "qcluster".
            overrides: settings of the worker; picklable.
        """
        apps = [*django_settings.INSTALLED_APPS, "clarion.testing.probe"]
        with running_worker(arguments, {"INSTALLED_APPS": apps, **overrides}) as process:
            yield process
            kill(process)  # some take seconds to stop of their own accord

    def runs_of(self, event: EventLog) -> list[int]:
        """Return the process that ran the handler, for each time it did."""
        lines = (line.split() for line in self.ledger.read_text().splitlines())
        return [int(process) for key, process in lines if int(key) == event.pk]

    def status_of(self, event: EventLog) -> str:
        """Return how far the event has come by now."""
        return EventLog.objects.get(pk=event.pk).status

    def wait_for_status(self, event: EventLog, status: Status) -> None:
        """Wait until the event has come so far."""
        eventually(lambda: self.status_of(event) == status, f"{event} to be {status}")


class QueueEngineContract(EngineContract):
    """What holds for every engine whose hints wait in a queue for workers.

    ```python
    class TestShopEngine(QueueEngineContract):
        engine = "shop.engines.ShopEngine"

        def worker(self):
            return self.run_worker("-m", "django", "shop_worker")

        def broker_away(self):
            return closed_port()

        def messages(self):
            return [Message(tuple(task.arguments), repr(task)) for task in shop_queue]
    ```
    """

    def worker(self) -> AbstractContextManager[subprocess.Popen[bytes]]:
        """Return a context in which a worker runs, and which yields its process: see `run_worker`."""
        raise NotImplementedError

    def scheduling_worker(self) -> AbstractContextManager[subprocess.Popen[bytes]]:
        """Return a context in which a worker runs and the relay's schedule is kept, at its shortest pause.

        Asked of engines that say `has_scheduler`. By default a worker keeps it.
        """
        return self.worker()

    def broker_away(self) -> AbstractContextManager[object]:
        """Return a context in which the engine cannot reach its broker."""
        raise NotImplementedError

    def messages(self) -> list[Message]:
        """Return what waits in the queue, and leave it there or not."""
        raise NotImplementedError

    def test_a_message_is_a_job_and_one_primary_key(self) -> None:
        self.publish()
        (message,) = self.messages()
        assert message.arguments == (Job.WORK, 0)
        assert [type(argument) for argument in message.arguments] == [str, int]
        assert self.secret not in message.text

    def test_the_backlog_is_what_waits(self) -> None:
        assert self.get_engine().backlog() == 0
        for _ in range(3):
            self.publish()
        assert self.get_engine().backlog() == 3
        with self.worker():
            eventually(lambda: self.get_engine().backlog() == 0, "an empty queue")

    def test_publishing_commits_while_the_broker_is_away(self) -> None:
        with self.broker_away():
            started = time.monotonic()
            event = self.publish()
            took = time.monotonic() - started
            with pytest.raises(EngineUnavailable):
                self.get_engine().enqueue(Job.DISPATCH_EVENT, event.pk)
            with pytest.raises(EngineUnavailable):
                self.get_engine().backlog()
            with pytest.raises(EngineUnavailable):
                relay()
        assert self.status_of(event) == Status.PENDING
        assert took < PATIENCE

    def test_what_is_for_later_is_done_then_by_an_engine_that_can_wait(self) -> None:
        if not self.get_engine().has_delay:
            pytest.skip(f"{self.engine} cannot hold a hint back: the relay finds what has come due")
        moment = timezone.now() + timedelta(seconds=2)
        event = get_event_bus().publish(PROBED.name, self.payload(), at=moment)
        with self.worker():
            self.wait_for_status(event, Status.DONE)
        event.refresh_from_db()
        assert event.finished_at is not None
        assert event.finished_at >= moment

    def test_its_schedule_runs_the_relay(self) -> None:
        if not self.get_engine().has_scheduler:
            pytest.skip(f"{self.engine} has no scheduler: the relay is a process of its own")
        self.get_engine().install_schedules()
        event = self.publish(minutes_ago=1)
        with self.scheduling_worker():
            self.wait_for_status(event, Status.DONE)

    def test_an_unknown_job_does_not_stop_the_worker(self) -> None:
        self.get_engine().enqueue("no_such_job", 1)
        with self.worker():
            self.wait_for_status(self.publish(), Status.DONE)

    def test_what_a_killed_worker_held_is_done_by_another(self) -> None:
        with self.worker() as process:
            event = self.publish("wait")
            eventually(lambda: self.runs_of(event), "the handler to run")
            kill(process)
        held = HandlerRun.objects.filter(is_abandoned(), event=event)
        eventually(held.exists, "the end of the lease")
        with self.worker():
            if not self.get_engine().has_receipts:
                eventually(relay, "the relay to offer it")
            self.wait_for_status(event, Status.DONE)
        assert len(self.runs_of(event)) == event.runs.get().attempts == 2


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a worker with all its processes, at once and without a warning."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def eventually(look: Callable[[], T], what: str) -> T:
    """Return what `look` sees once it is true.

    Raises:
        TimeoutError: it never was.
    """
    end = time.monotonic() + DEADLINE
    while not (seen := look()):
        if time.monotonic() > end:
            raise TimeoutError(f"waited {DEADLINE} s for {what}")
        time.sleep(0.05)
    return seen
