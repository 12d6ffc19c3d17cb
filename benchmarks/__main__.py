"""`make bench`: measure side by side, show how far it is, write JSON and the page, close with a line each."""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from fnmatch import fnmatch
from pathlib import Path

from benchmarks.machine import Machine
from benchmarks.report import as_page, closing_line
from benchmarks.results import Result
from chaos.databases import DATABASES

SETTINGS = "benchmarks.project.settings"
PAGE = Path("docs/explanation/performance.md")
IMAGES = Path("docs/images")
PROGRESS = "@ "
BAR = 30
QUIET = 10
"""Seconds between two lines of progress where there is no terminal."""


def main(arguments: Sequence[str]) -> int:
    """Return 0 if all that was asked for was measured. A goal that is missed is a result, and no failure."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes, under five minutes")
    parser.add_argument("--figure", default="*", help="a pattern of names, such as 'fan-out*'")
    parser.add_argument("--database", default="*", help="sqlite or postgres")
    parser.add_argument(
        "--rounds", type=int, default=0, metavar="N", help="of each figure; its own by default"
    )
    parser.add_argument("--json", type=Path, help="write every sample there")
    parser.add_argument("--page", type=Path, help=f"write the page there: {PAGE}")
    parser.add_argument(
        "--add", type=Path, action="append", default=[], metavar="JSON", help="report those results as well"
    )
    parser.add_argument("--list", action="store_true", help="say what would be measured")
    asked = parser.parse_args(arguments)

    jobs = list(_jobs(asked.figure, asked.database))
    if asked.list:
        print("\n".join(f"{figure}  {database}" for figure, database, _ in jobs))
        return 0
    if not jobs and not asked.add:
        print("bench: there is no such figure; see --list")
        return 2
    results: dict[tuple[str, str], Result] = {}
    machine = Machine.here()
    for path in asked.add:
        earlier = json.loads(path.read_text())
        machine = machine if jobs else Machine(**earlier["machine"])
        results |= {(each["name"], each["database"]): Result.of(each) for each in earlier["results"]}
    broken = 0
    for number, (figure, database, engine) in enumerate(jobs):
        try:
            for result in _measured(figure, database, engine, asked, f"{number + 1}/{len(jobs)}"):
                results[result.name, result.database] = result
        except RuntimeError as problem:
            broken += 1
            sys.stderr.write(f"** {figure} on {database}: {problem}\n")
        if asked.json:
            asked.json.write_text(_as_json(machine, list(results.values())))
    found = list(results.values())
    if asked.page:
        _write_page(asked.page, found, machine, asked)
    for result in found:
        print(closing_line(result))
    return int(broken > 0)


def _jobs(figure: str, database: str) -> Iterator[tuple[str, str, str]]:
    """Yield what is to be measured: figure, database, engine."""
    os.environ["DJANGO_SETTINGS_MODULE"] = SETTINGS
    import django

    django.setup()
    from benchmarks.figures import FIGURES

    absent = {kind: DATABASES[kind].absence() for kind in ("postgres", "sqlite")}
    for name, each in FIGURES.items():
        if not fnmatch(name, figure):
            continue
        if reason := each.absence():
            print(f"** {name} is NOT measured: {reason}")
            continue
        for kind in each.databases:
            if not fnmatch(kind, database):
                continue
            if absent[kind]:
                print(f"** No {kind}, so {name} is NOT measured there: {absent[kind]}")
                continue
            yield name, kind, each.engine


def _measured(
    figure: str, database: str, engine: str, asked: argparse.Namespace, place: str
) -> Iterator[Result]:
    """Measure in a process of its own, on a database of its own.

    Raises:
        RuntimeError: it ended with an error, which it has printed.
    """
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="clarion-bench-") as folder, _database(database, folder) as name:
        process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.run"],
            env={
                **os.environ,
                "DJANGO_SETTINGS_MODULE": SETTINGS,
                "BENCH_DATABASE": database,
                "BENCH_DATABASE_NAME": name,
                "BENCH_ENGINE": engine,
                "BENCH_RUN": f"bench-{os.getpid()}",
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        try:
            order = {"figure": figure, "database": database, "quick": asked.quick, "folder": folder}
            assert process.stdin
            assert process.stdout
            with process.stdin as pipe:
                json.dump({**order, "rounds": asked.rounds}, pipe)
            watcher = threading.Thread(
                target=_show, args=(process, f"{place} {figure}, {database}", began), daemon=True
            )
            watcher.start()
            for line in process.stdout:
                yield Result.of(json.loads(line))
            process.wait()
            watcher.join()
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    if sys.stderr.isatty():
        sys.stderr.write("\r\033[K")
    if process.returncode:
        raise RuntimeError(f"ended with {process.returncode}: see above")


def _show(process: subprocess.Popen[str], what: str, began: float) -> None:
    """Show how far a figure has come, and what it complains of."""
    number, _, total = what.partition(" ")[0].partition("/")
    done = BAR * (int(number) - 1) // int(total)
    assert process.stderr
    said = began
    for line in process.stderr:
        if not line.startswith(PROGRESS):
            sys.stderr.write(line)
        elif sys.stderr.isatty():
            bar = f"[{'#' * done}{'.' * (BAR - done)}] {what}, {time.monotonic() - began:.0f} s"
            sys.stderr.write(f"\r\033[K{bar}: {line.removeprefix(PROGRESS).strip()[:60]}")
        elif time.monotonic() > said + QUIET:
            said, text = time.monotonic(), line.removeprefix(PROGRESS).strip()
            sys.stderr.write(f"{what}, {time.monotonic() - began:.0f} s: {text}\n")
        sys.stderr.flush()


@contextmanager
def _database(kind: str, folder: str) -> Iterator[str]:
    database = DATABASES[kind]
    name = database.name_of(f"clarion_bench_{os.getpid()}", Path(folder))
    database.create(name)
    try:
        yield name
    finally:
        database.drop(name)


def _as_json(machine: Machine, results: Sequence[Result]) -> str:
    return json.dumps({"machine": asdict(machine), "results": [asdict(each) for each in results]}, indent=1)


def _write_page(page: Path, results: Sequence[Result], machine: Machine, asked: argparse.Namespace) -> None:
    from benchmarks.plots import draw

    images = draw(results, IMAGES)
    added = "".join(f" ADD={path.name}" for path in asked.add)
    command = f"make bench{' QUICK=1' if asked.quick else ''}{added} PAGE={PAGE}"
    page.write_text(as_page(results, replace(machine, load_after=os.getloadavg()[0]), command, images))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
