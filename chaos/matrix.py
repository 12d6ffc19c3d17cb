"""Matrix: which faults run on which engine and database; each run in a process and a database of its own."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict
from fnmatch import fnmatch
from pathlib import Path
from queue import SimpleQueue

from chaos import broker, servers
from chaos.databases import DATABASES
from chaos.engines import ENGINES
from chaos.faults import FAULTS
from chaos.faults.base import Fault
from chaos.processes import kill_group, sweep
from chaos.run import Outcome
from chaos.servers import DATABASE_SERVERS

ROOT = Path(__file__).resolve().parents[1]

STRIDE = 7

DEADLINE = 240
"""Seconds that one run may take in all, if CHAOS_DEADLINE does not say."""


def chosen(
    fault: str, engine: str, database: str, seed: int, *, quick: bool, full: bool = False
) -> Iterator[Outcome]:
    """Yield what is to be run, not yet run. The first three are shell patterns.

    Each fault meets every engine on PostgreSQL, and each other database on one engine, which changes from
    fault to fault; `full` is the whole product. `quick` is the subset for CI: some faults, each on one
    database and one engine, in turn.
    """
    turn = 0
    for position, (name, each) in enumerate(FAULTS.items()):
        if not fnmatch(name, fault) or (quick and not each.quick):
            continue
        cells = [
            cell
            for cell in (_cells(each) if quick or full else _thinned(each, position))
            if fnmatch(cell[0], engine) and fnmatch(cell[1], database)
        ]
        if quick and cells:
            # A stride that shares no factor with how many there are: neighbours differ in both.
            cells = [cells[turn * STRIDE % len(cells)]]
            turn += 1
        for one, kind in cells:
            # A seed of its own, whatever else is chosen, so that one run can be repeated alone.
            own = random.Random(f"{seed} {name} {one} {kind}").randrange(2**31)
            yield Outcome(name, one, kind, own)


def _cells(fault: Fault) -> list[tuple[str, str]]:
    return [(one, kind) for kind in DATABASES for one in ENGINES if fault.applies(ENGINES[one], kind)]


def _thinned(fault: Fault, position: int) -> Iterator[tuple[str, str]]:
    """Yield every engine on PostgreSQL, and each other database on one of its engines, in turn."""
    for turn, kind in enumerate(DATABASES):
        here = [cell for cell in _cells(fault) if cell[1] == kind]
        if kind == "postgres" or not here:
            yield from here
        else:
            yield here[(position + turn) % len(here)]


def absences(outcomes: Sequence[Outcome]) -> dict[str, str]:
    """Return what these runs need and this machine lacks: databases, engines, faults, with the reason."""
    found = {name: DATABASES[name].absence() for name in {each.database for each in outcomes}}
    found |= {name: broker.absence(ENGINES[name]) for name in {each.engine for each in outcomes}}
    found |= {name: _absence(FAULTS[name], outcomes) for name in {each.fault for each in outcomes}}
    return {name: reason for name, reason in found.items() if reason}


def _absence(fault: Fault, outcomes: Sequence[Outcome]) -> str:
    if reason := fault.absence():
        return reason
    if not (fault.server or fault.disk):
        return ""
    databases = {each.database for each in outcomes if FAULTS[each.fault] is fault}
    needed = (server for name, server in DATABASE_SERVERS.items() if name in databases)
    return next(filter(None, map(servers.absence, needed)), "")


def run_all(outcomes: Sequence[Outcome], jobs: int) -> Iterator[Outcome]:
    """Run each, some at a time; yield them as they end."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="clarion-chaos-")))
        folder.chmod(0o711)  # servers of a run's own have folders in it, and users of their own
        session = f"clarion_chaos_{os.getpid()}"
        cells = {(outcome.engine, outcome.database) for outcome in outcomes}
        templates = {cell: stack.enter_context(_template(*cell, session, folder)) for cell in sorted(cells)}
        slots: SimpleQueue[int] = SimpleQueue()
        for slot in range(jobs):
            slots.put(slot)
        with ThreadPoolExecutor(jobs) as pool:
            futures = [
                pool.submit(_run, outcome, templates[outcome.engine, outcome.database], number, folder, slots)
                for number, outcome in enumerate(outcomes)
            ]
            try:
                for future in as_completed(futures):
                    yield future.result()
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                sweep(f"{session}_")
                raise


def environment(engine: str, database: str, name: str) -> dict[str, str]:
    """Return the variables under which a process is in a run's project."""
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "chaos.project.settings",
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "src")]),
        "CHAOS_ENGINE": engine,
        "CHAOS_DATABASE": database,
        "CHAOS_DATABASE_NAME": name,
    }


@contextmanager
def _template(engine: str, database: str, session: str, folder: Path) -> Iterator[str]:
    kind = DATABASES[database]
    name = kind.name_of(f"{session}_{engine.replace('-', '_')}", folder)
    kind.create(name)
    try:
        command = [sys.executable, "-m", "chaos.prepare"]
        subprocess.run(command, env=environment(engine, database, name), check=True)
        yield name
    finally:
        kind.drop(name)


def _run(outcome: Outcome, template: str, number: int, folder: Path, slots: SimpleQueue[int]) -> Outcome:
    kind = DATABASES[outcome.database]
    own = folder / f"run-{number}"
    own.mkdir()
    stem = f"clarion_chaos_{os.getpid()}_{number}_end"
    name = kind.name_of(stem, own)
    slot = slots.get()
    try:
        kind.create(name, like=template)
        variables = {**environment(outcome.engine, outcome.database, name), "CHAOS_RUN": stem}
        return _in_process(outcome, own, {**variables, "CHAOS_SLOT": str(slot)})
    finally:
        sweep(stem)
        slots.put(slot)
        kind.drop(name)


def _in_process(outcome: Outcome, folder: Path, variables: dict[str, str]) -> Outcome:
    with (folder / "run.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "chaos.run"],
            env=variables,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            start_new_session=True,
        )
    deadline = int(variables.get("CHAOS_DEADLINE", DEADLINE))
    asked = json.dumps({"outcome": asdict(outcome), "folder": str(folder)})
    try:
        answer, _ = process.communicate(asked, timeout=deadline)
        return Outcome(**json.loads(answer))
    except subprocess.TimeoutExpired:
        outcome.broken = f"still running after {deadline} s"
    except json.JSONDecodeError:
        outcome.broken = (folder / "run.log").read_text().strip().rpartition("\n")[2] or "it died"
    finally:
        kill_group(process.pid)
        with suppress(ChildProcessError):
            process.wait()
    return outcome
