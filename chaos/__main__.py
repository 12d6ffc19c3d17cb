"""`make chaos`: run the matrix, show how far it is, close with the table and one line."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from chaos.matrix import absences, chosen, run_all
from chaos.report import as_page, as_text, caveat, closing_line, table
from chaos.run import Outcome

BAR = 30
QUIET = 30
"""Seconds between two lines of progress where there is no terminal."""
PAGE = "docs/explanation/chaos.md"


def main(arguments: Sequence[str]) -> int:
    """Return 0 if nothing was lost, duplicated or left over, and every fault really struck."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    parser = argparse.ArgumentParser(prog="chaos", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="only the subset for CI")
    parser.add_argument(
        "--full", action="store_true", help="every fault, engine and database with each other"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--fault", default="*", help="a pattern of names, such as 'kill at *'")
    parser.add_argument("--engine", default="*")
    parser.add_argument("--database", default="*")
    parser.add_argument("--repeat", type=int, default=1, metavar="N", help="N runs of each, with N seeds")
    parser.add_argument("--jobs", type=int, default=2, help="runs at the same time: 2")
    parser.add_argument("--json", type=Path, help="write each run there")
    parser.add_argument("--page", type=Path, help="write the page of the documentation there")
    parser.add_argument(
        "--add",
        type=Path,
        action="append",
        default=[],
        metavar="JSON",
        help="report those runs as well, and do not repeat them",
    )
    parser.add_argument("--list", action="store_true", help="say what would be run")
    parser.add_argument("--events", type=int, default=20_000, help="of a soak: 20000")
    parser.add_argument("--deadline", type=int, default=3600, metavar="SECONDS", help="of a soak: 3600")
    parser.add_argument("what", nargs="?", choices=["matrix", "soak"], default="matrix")
    asked = parser.parse_args(arguments)
    if asked.what == "soak":
        return _soak(asked)
    outcomes = [
        outcome
        for repetition in range(asked.repeat)
        for outcome in chosen(
            asked.fault,
            asked.engine,
            asked.database,
            asked.seed + repetition,
            quick=asked.quick,
            full=asked.full,
        )
    ]
    for name, reason in absences(outcomes).items():
        without = [
            outcome for outcome in outcomes if name in (outcome.fault, outcome.engine, outcome.database)
        ]
        outcomes = [outcome for outcome in outcomes if outcome not in without]
        print(f"** No {name}, so {len(without)} runs do NOT happen: {reason}")
    if asked.list:
        for outcome in outcomes:
            print(f"{outcome.fault}  {outcome.engine}  {outcome.database}  seed {outcome.seed}")
        return 0
    if not outcomes:
        print("chaos: there is no such run; see --list")
        return 2
    earlier = [Outcome(**each) for path in asked.add for each in json.loads(path.read_text())]
    known = {_cell(each) for each in earlier}
    return _report(_run([each for each in outcomes if _cell(each) not in known], asked, earlier), asked)


def _cell(outcome: Outcome) -> tuple[str, str, str, int]:
    return outcome.fault, outcome.engine, outcome.database, outcome.seed


def _soak(asked: argparse.Namespace) -> int:
    os.environ |= {"CHAOS_SOAK": str(asked.events), "CHAOS_DEADLINE": str(asked.deadline)}
    engine = "q2-orm" if asked.engine == "*" else asked.engine
    database = "postgres" if asked.database == "*" else asked.database
    (outcome,) = _run([Outcome("soak", engine, database, asked.seed)], asked)
    print(
        f"soak: {asked.events} events on {engine} and {database}, {sum(outcome.strikes.values())} faults, "
        f"{outcome.lost} lost, {outcome.duplicated} duplicated, {outcome.left} left over, "
        f"{outcome.in_window} mails twice in the window, {outcome.seconds:.0f} s"
    )
    return int(not outcome.is_clean)


def _run(
    outcomes: Sequence[Outcome], asked: argparse.Namespace, earlier: Sequence[Outcome] = ()
) -> list[Outcome]:
    began, ended = time.monotonic(), []
    said = began
    for outcome in run_all(outcomes, asked.jobs):
        ended.append(outcome)
        if asked.json:  # after each, for hours of it should not be lost to the last minute
            asked.json.write_text(json.dumps([asdict(each) for each in (*earlier, *ended)], indent=1))
        now = time.monotonic()
        progress = (
            f"{len(ended)}/{len(outcomes)}, {now - began:.0f} s: "
            f"{outcome.fault}, {outcome.engine}, {outcome.database}"
        )
        if sys.stderr.isatty():
            done = BAR * len(ended) // len(outcomes)
            sys.stderr.write(f"\r\033[K[{'#' * done}{'.' * (BAR - done)}] {progress}")
            sys.stderr.write("" if outcome.is_clean else "\n")
        elif now - said > QUIET:
            said = now
            sys.stderr.write(f"{progress}\n")
        if not outcome.is_clean:
            sys.stderr.write(_described(outcome))
    sys.stderr.write("\n" if sys.stderr.isatty() else "")
    return [*earlier, *ended]


def _described(outcome: Outcome) -> str:
    name = f"{outcome.fault}, {outcome.engine}, {outcome.database}, seed {outcome.seed}"
    lines = [name, *filter(None, [outcome.broken, *outcome.complaints[:8]])]
    return "\n    ".join(lines) + "\n"


def _report(outcomes: Sequence[Outcome], asked: argparse.Namespace) -> int:
    print(as_text(table(outcomes)))
    if asked.page:
        quick = " QUICK=1" if asked.quick else ""
        engine = "" if asked.engine == "*" else f" ENGINE='{asked.engine}'"
        command = f"make chaos{quick}{engine} SEED={asked.seed} PAGE={PAGE}"
        asked.page.write_text(as_page(outcomes, command))
    if nothing := caveat(outcomes):
        print(f"{nothing}: see above")
    print(closing_line(outcomes))
    return int(not all(outcome.is_clean for outcome in outcomes))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
