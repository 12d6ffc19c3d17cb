"""What an event costs, and how a day of them goes: `make scale`, or `python -m benchmarks.scale`.

Measures the costs on PostgreSQL at PGHOST, in a database of its own; plays days of traffic with them; and
plays one day with real workers in a minute, beside what the simulation says of it.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.machine import Machine
from benchmarks.scale.model import Costs
from benchmarks.scale.needs import needs
from benchmarks.scale.queue import Waits, simulated
from benchmarks.scale.traffic import DAY, day

OUTAGE = (15 * 3_600.0, 16 * 3_600.0)
"""When the mail provider is down."""

DAYS = {1_000_000: (1, 2), 10_000_000: (1, 2, 4)}
"""Notifications of the days to simulate, and by how many workers."""

NEEDS = (1_000_000, 100_000_000, 10_000_000_000)
"""Notifications of the days to say the needs of."""

NAMES = {"seconds": "a worker's time, s", "log": "write-ahead log, bytes", "stored": "stored, bytes"}

MINUTE = 60.0
PLAYED, WORKERS = 6_000, 1


def main() -> None:
    """Measure, simulate, compare."""
    from chaos.databases import DATABASES

    database = DATABASES["postgres"]
    with tempfile.TemporaryDirectory() as folder:
        name = database.name_of(f"clarion_scale_{os.getpid()}", Path(folder))
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "benchmarks.project.settings",
            "BENCH_DATABASE": "postgres",
            "BENCH_DATABASE_NAME": name,
        }
        database.create(name)
        try:
            _report()
        finally:
            from django.db import connections

            connections.close_all()
            database.drop(name)


def _report() -> None:
    import django

    django.setup()
    from benchmarks.scale.measure import CHECK, measured
    from benchmarks.scale.real import played

    print(f"{Machine.here()}\n")
    costs, check = measured()
    _print_costs(costs)
    _print_table(
        [f"an event to {CHECK:,} people", "foretold", "measured", ""],
        [
            [NAMES[name], f"{said:,.6g}", f"{was:,.6g}", f"{said / was - 1:+.0%}"]
            for name, (said, was) in check.items()
        ],
    )
    _print_needs(costs)
    for notifications, workers in DAYS.items():
        for number in workers:
            played_day = simulated(day(notifications), costs, number, OUTAGE)
            _print_waits(
                f"{notifications:,} a day, {number} workers, busy {played_day.busy:.0%}", played_day.waits
            )
    arrivals = [each._replace(at=each.at / DAY * MINUTE) for each in day(PLAYED, with_digests=False)]
    foretold = simulated(arrivals, costs, WORKERS)
    _print_waits(f"{PLAYED:,} in a minute, simulated, busy {foretold.busy:.0%}", foretold.waits)
    _print_waits(f"{PLAYED:,} in a minute, real", played(arrivals, WORKERS))


def _print_costs(costs: Costs) -> None:
    lines = zip(NAMES.values(), (costs.seconds, costs.log, costs.stored), strict=True)
    rows = [[name, f"{line.event:,.4g}", f"{line.person:,.4g}"] for name, line in lines]
    rows += [
        [
            "a worker's time for an event to one person, one of many that wait, s",
            f"{costs.together:,.4g}",
            "",
        ],
        ["a worker's time for a mail, s", "", f"{costs.mail:,.4g}"],
    ]
    _print_table(["", "an event", "a person"], rows)


def _print_needs(costs: Costs) -> None:
    rows = []
    for notifications in NEEDS:
        workers, log, stored, mails = needs(notifications, costs)
        rows.append(
            [
                f"{notifications / 1e6:,.0f} million",
                f"{notifications / DAY:,.0f}",
                f"{workers:,}",
                f"{log / 1e6:,.1f} MB/s",
                f"{stored / 1e9:,.1f} GB",
                f"{mails:,.0f}",
            ]
        )
    _print_table(
        [
            "a day",
            "a second, mean",
            "workers, peak",
            "write-ahead log, peak",
            "stored a day",
            "mails/s, peak",
        ],
        rows,
    )


def _print_waits(what: str, waits: Mapping[str, Waits]) -> None:
    _print_table(
        [what, "number", "median, s", "95 %, s", "longest, s"],
        [
            [lane, f"{each.number:,}", f"{each.median:,.3f}", f"{each.p95:,.3f}", f"{each.longest:,.1f}"]
            for lane, each in waits.items()
        ],
    )


def _print_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    for row in (head, ["---", *["--:"] * (len(head) - 1)], *rows):
        print(f"| {' | '.join(row)} |")
    print()


if __name__ == "__main__":
    main()
