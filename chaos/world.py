"""World: one run's own database, broker, mail sink, workers, relay and publishers."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from chaos import broker
from chaos.engines import DJANGO_ADMIN, Engine
from chaos.ground import Ground
from chaos.network import Network
from chaos.processes import Supervised
from chaos.proxy import Proxy
from chaos.publisher import Order
from chaos.servers import BROKER_SERVERS, Server
from chaos.sink import MailSink
from chaos.strike import Record

T = TypeVar("T")

DEADLINE = 90
"""Seconds that a run may take to settle; far more than it needs on an idle machine."""


class NotStruck(Exception):
    """The fault did not happen, so that the run shows nothing."""


class World:
    """Everything that a fault may touch. Inside, Django is set up on the run's own database."""

    def __init__(self, engine: Engine, folder: Path, seed: int, ground: Ground) -> None:
        """`folder` is the run's own; the environment names its database."""
        self.engine, self.folder, self.seed, self.ground = engine, folder, seed, ground
        self.sink = MailSink()
        self.proxy = Proxy(broker.PORTS[engine.broker]) if engine.broker in broker.PORTS else None
        self.acknowledged: set[int] = set()
        self.ordered = 0
        self.record = Record(folder / "strikes")
        self.complaints: list[str] = []
        """What should be otherwise, of that which the fault asks besides what every run must keep."""
        self.environment = {
            **os.environ,
            "CHAOS_SMTP_PORT": str(self.sink.port),
            "CHAOS_BROKER_PORT": str(self.proxy.port if self.proxy else 0),
            "CLARION_FAULTS_FOLDER": str(folder / "strikes"),
            "CHAOS_AMBUSH": str(folder),
        }
        (folder / "strikes").mkdir()
        self.strikes: Counter[str] = Counter()
        """What a soak has done, by name."""
        self.deadline = DEADLINE
        """Seconds that it may take until no work is left."""
        self._stack = ExitStack()
        self._processes: list[Supervised] = []
        self._pool = ThreadPoolExecutor()
        self._publishers: list[Future[None]] = []

    def __enter__(self) -> Self:
        broker.wipe(self.engine)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        self._pool.shutdown(cancel_futures=True)
        self.sink.close()
        if self.proxy:
            self.proxy.close()
        self._stack.close()
        broker.wipe(self.engine)

    def begin(self, **environment: str) -> None:
        """Open the sink; start the workers, if the engine has any, and the relay. With these variables."""
        self.environment |= environment
        self.sink.open()
        if self.engine.workers:
            self.start_workers()
        self.start_relay()

    def start_workers(self, network: Network | None = None, host: str = "", **environment: str) -> Supervised:
        """Start a set of workers, under supervision; on a host of a network, if one is named."""
        command = [*self.engine.workers]
        return self._start(network.on(host, command) if network else command, "workers", environment)

    def start_relay(self, network: Network | None = None, host: str = "", **environment: str) -> Supervised:
        """Start a relay, under supervision; on a host of a network, if one is named."""
        command = [*DJANGO_ADMIN, "clarion", "relay", "--interval=0.3"]
        return self._start(network.on(host, command) if network else command, "relay", environment)

    @property
    def most_attempts(self) -> int:
        """How often anything may be tried."""
        from clarion.conf import get_settings

        return int(self.environment.get("CHAOS_ATTEMPTS", get_settings().MAX_ATTEMPTS))

    def start_cleanup(self) -> Supervised:
        """Start a clean-up, which begins anew whenever it has ended."""
        return self._start([*DJANGO_ADMIN, "clarion", "cleanup"], "cleanup", {})

    def enter(self, context: AbstractContextManager[T]) -> T:
        """Enter a context that lasts as long as this world; return what it yields."""
        return self._stack.enter_context(context)

    def start_broker(self) -> Server:
        """Start a broker of the run's own, behind the proxy: nobody has connected so far."""
        assert self.proxy
        folder = self.folder / "broker"
        folder.mkdir()
        server = self.enter(BROKER_SERVERS[self.engine.broker](folder))
        self.proxy.target = server.port
        return server

    def health(self) -> str:
        """Return what the health check says is wrong; "" if it says that all is well."""
        command = [*DJANGO_ADMIN, "clarion", "health"]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)
        return f"{done.stdout}{done.stderr}" if done.returncode else ""

    def stop(self) -> None:
        """Kill everything, for good."""
        for process in self._processes:
            process.stop()
        self._processes.clear()

    def publish(self, order: Order, **environment: str) -> Future[None]:
        """Begin to publish. A publisher that dies is followed by another, which goes on where it was."""
        self.ordered += order.count
        self._publishers.append(self._pool.submit(self._publish, order, {**self.environment, **environment}))
        return self._publishers[-1]

    def strike(self, window: int = 0) -> None:
        """Say that the fault happens now, and how many mails may be between accept and commit."""
        with self.striking(window):
            pass

    def striking(self, window: int = 0, aftermath: float = 0) -> AbstractContextManager[None]:
        """Say that the fault lasts as long as the block, and so many seconds after it."""
        return self.record.striking(window, aftermath)

    def settle(self) -> float:
        """Wait until all is published and no work is left; return the seconds since the first strike."""
        end = time.monotonic() + self.deadline
        while time.monotonic() < end and not all(publisher.done() for publisher in self._publishers):
            time.sleep(0.05)
        for publisher in self._publishers:
            publisher.result(timeout=max(0.1, end - time.monotonic()))
        while time.monotonic() < end and not self._is_settled():
            time.sleep(0.1)
        began = self.record.began or min((each.began for each in self.record.strikes()), default=None)
        if began is None:
            raise NotStruck("the fault did not strike")
        return time.monotonic() - began

    def wait_for(self, look: Callable[[], T], what: str, deadline: float = DEADLINE) -> T:
        """Return what `look` sees once it is true.

        Raises:
            TimeoutError: it never was.
        """
        end = time.monotonic() + deadline
        while not (seen := look()):
            if time.monotonic() > end:
                raise TimeoutError(f"waited {deadline:g} s for {what}")
            time.sleep(0.03)
        return seen

    def _is_settled(self) -> bool:
        from django.db import InterfaceError, OperationalError, connection

        from chaos.evidence import unfinished

        try:
            return unfinished() == 0
        except (OperationalError, InterfaceError):
            if self.ground == Ground():
                raise
            connection.close()  # our own server may have been stopped
            return False

    def _start(self, command: Sequence[str], name: str, environment: Mapping[str, str]) -> Supervised:
        log = self.folder / f"{name}-{len(self._processes)}.log"
        process = Supervised(command, {**self.environment, **environment}, log)
        self._processes.append(process)
        return process

    def _publish(self, order: Order, environment: Mapping[str, str]) -> None:
        numbers = range(order.start, order.start + order.count)
        for _ in range(5):
            left = [number for number in numbers if number not in self.acknowledged]
            if not left:
                return
            rest = Order(**{**vars(order), "start": left[0], "count": left[-1] - left[0] + 1})
            with (self.folder / "publisher.log").open("ab") as log:
                publisher = subprocess.Popen(
                    [sys.executable, "-m", "chaos.publisher"],
                    env=environment,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    text=True,
                    start_new_session=True,
                )
            assert publisher.stdin
            assert publisher.stdout
            publisher.stdin.write(rest.to_json())
            publisher.stdin.close()
            for line in publisher.stdout:
                self.acknowledged.add(int(line))
            publisher.wait()
        raise RuntimeError("the publisher died again and again; see publisher.log")
