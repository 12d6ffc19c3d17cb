"""Alone: work in a fresh process, whose peak of memory is known: `python -m benchmarks.alone`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.bench import seconds


class Alone(NamedTuple):
    """What it took: seconds, and the peak of resident memory in MB."""

    took: float
    memory: float


def in_process(work: str, *arguments: Any, database: str | None = None) -> Alone:
    """Do a piece of work of `WORK` in a process of its own, on this or on another database.

    Raises:
        RuntimeError: it failed, and said why on standard error.
    """
    name = {} if database is None else {"BENCH_DATABASE_NAME": database}
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.alone", work, *map(str, arguments)],
        env={**os.environ, **name},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{work} ended with {done.returncode}")
    return Alone(**json.loads(done.stdout))


def peak_memory() -> float:
    """Return the most memory that this process has held, in MB; `getrusage` would give its parent's too."""
    line = next(each for each in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in each)
    return int(line.split()[1]) / 1024


def _tell(people: str) -> None:
    from benchmarks.world import tell

    tell(1, int(people))


def _tell_by_hq(people: str) -> None:
    from benchmarks.peers import hq
    from benchmarks.project.events import payload

    hq.fan_out(payload(1, int(people)))


def _nothing() -> None:
    from benchmarks.project.models import Person

    Person.objects.exists()


def _clean_up() -> None:
    from benchmarks.project.engine import work
    from clarion.jobs import run

    run("cleanup", 0)
    work()


def _clean_up_raw() -> None:
    from benchmarks.rows import delete_expired, fan_out_models

    delete_expired(fan_out_models())


def _clean_up_seed() -> None:
    from django.utils import timezone

    from benchmarks.peers.seed.models import EventLog, NotifiableEvent

    for model in (NotifiableEvent, EventLog):
        model._default_manager.filter(delete_at__lte=timezone.now()).delete()


WORK: dict[str, Callable[..., None]] = {
    "tell": _tell,
    "tell by hq": _tell_by_hq,
    "nothing": _nothing,
    "clean up": _clean_up,
    "clean up raw": _clean_up_raw,
    "clean up seed": _clean_up_seed,
}


def main() -> None:
    """Do what the command line asks for."""
    import django

    django.setup()
    work, *arguments = sys.argv[1:]
    took = seconds(lambda: WORK[work](*arguments))
    json.dump(Alone(took, peak_memory())._asdict(), sys.stdout)


if __name__ == "__main__":
    main()
