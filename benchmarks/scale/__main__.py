"""What an event costs, and how a day of them goes: `python -m benchmarks.scale`.

Measures the costs on PostgreSQL at PGHOST, in a database of its own; plays days of traffic with them; and
plays one day with real workers in a minute, beside what the simulation says of it.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from benchmarks.machine import Machine
from benchmarks.scale.model import Costs
from benchmarks.scale.queue import Day, Waits, simulated
from benchmarks.scale.traffic import DAY, day

OUTAGE = (15 * 3_600.0, 16 * 3_600.0)
"""When the mail provider is down."""

DAYS = {1_000_000: (1, 2), 10_000_000: (1, 2, 4)}
"""Notifications of the days to simulate, and by how many workers."""

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
    for name, (said, was) in check.items():
        print(
            f"check: {CHECK:,} people, {name}: "
            f"foretold {said:,.6g}, measured {was:,.6g}, {said / was - 1:+.0%}"
        )
    for notifications, workers in DAYS.items():
        for number in workers:
            _print_day(
                f"{notifications:,} a day, {number} workers",
                simulated(day(notifications), costs, number, OUTAGE),
            )
    arrivals = [each._replace(at=each.at / DAY * MINUTE) for each in day(PLAYED, with_digests=False)]
    foretold = simulated(arrivals, costs, WORKERS)
    _print_day(f"{PLAYED:,} in a minute, simulated", foretold)
    _print_waits(f"{PLAYED:,} in a minute, real", played(arrivals, WORKERS))


def _print_costs(costs: Costs) -> None:
    for name, line, unit in (
        ("a worker's time", costs.seconds, "s"),
        ("write-ahead log", costs.log, "bytes"),
        ("stored", costs.stored, "bytes"),
    ):
        print(f"cost: {name}: {line.event:.6g} {unit} an event, {line.person:.6g} {unit} a person")
    print(f"cost: a worker's time: {costs.together:.6g} s an event to one person, of many that wait")
    print(f"cost: a worker's time: {costs.mail:.6g} s a mail")


def _print_day(what: str, played: Day) -> None:
    _print_waits(f"{what}, busy {played.busy:.0%}", played.waits)


def _print_waits(what: str, waits: Mapping[str, Waits]) -> None:
    for lane, (number, median, p95, longest) in waits.items():
        print(
            f"wait: {what}: {lane}: {number:,}, "
            f"median {median:.3f} s, p95 {p95:.3f} s, longest {longest:.1f} s"
        )


if __name__ == "__main__":
    main()
