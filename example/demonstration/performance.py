"""The demo's course: the story is played, watched until everyone is told, and checked."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from clarion.models import EventLog
from demonstration.narrator import Narrator
from demonstration.processes import DemoFailed, ManagedProcess
from demonstration.story import tell
from demonstration.tally import count, missing, unfinished

DEADLINE = 120
"""Seconds that everything together may take."""


class Performance:
    def __init__(self, write: Callable[[str], None], processes: Sequence[ManagedProcess], mail: Path) -> None:
        newest = EventLog.objects.order_by("-pk").values_list("pk", flat=True).first()
        self._write = write
        self._processes = processes
        self._mail = mail
        self._narrator = Narrator(write, after=newest or 0)
        self._expected: dict[int, frozenset[str]] = {}

    def play(self) -> None:
        """Play the story and write its tally.

        Raises:
            DemoFailed: somebody was not told in time, or was told what they should not; says who.
        """
        if left := unfinished():
            self._write(f"An earlier demo has left {left} rows unfinished; they are delivered too.")
        for step in tell(self._write):
            event = EventLog.objects.filter(payload__product_id=step.product_id).latest("pk")
            self._expected[event.pk] = step.told
            self._wait(self._narrator.watch)
        self._wait(lambda: not unfinished())
        if problems := list(missing(self._expected, self._mail)):
            raise DemoFailed("\n  ".join(["something is missing:", *problems]))
        tally = count(self._expected)
        self._write(f"{tally}, {self._narrator.seconds:.1f} s")

    def stay(self) -> None:
        """Go on telling what happens, until interrupted."""
        while True:
            self._narrator.watch()
            self._look_after_processes()
            time.sleep(0.5)

    def _wait(self, done: Callable[[], bool]) -> None:
        while not done():
            self._look_after_processes()
            if self._narrator.seconds > DEADLINE:
                problems = missing(self._expected, self._mail)
                raise DemoFailed("\n  ".join([f"not finished after {DEADLINE} s:", *problems]))
            time.sleep(0.1)

    def _look_after_processes(self) -> None:
        for process in self._processes:
            process.check()
