"""Report: the table, the one line, and the page for the documentation."""

from __future__ import annotations

import os
import platform
from collections import defaultdict
from collections.abc import Iterable, Sequence
from importlib.metadata import version

from chaos.databases import DATABASES
from chaos.faults import FAMILY_OF
from chaos.run import Outcome

SUMS = ("runs", "lost", "duplicated", "in the window", "left over", "time to recover")
HEADINGS = ("fault", "engine", "database", *SUMS)
FAMILY_HEADINGS = ("what is struck", "faults", *SUMS)


PAGE = """\
# Chaos

What `make chaos` measured: real processes killed by real signals, real brokers wiped and cut off, real
connections terminated, and a mail server that keeps a ledger. Each run publishes events in a database of its
own, strikes, waits until no work is left, and compares what is there with what should be. `chaos/oracle.py`
does that, and has tests of its own in `tests/unit/chaos`.

This page is written by the command, never by hand. The same again:
`{command}`. What it found, and at which commits, is said under [Guarantees](guarantees.md#broken-on-purpose).

```
{line}
```

{where}. Leases last 4 s here and pauses are short, so times to recover show the order and not what you will
see: there your own lease counts. Of several runs, the slowest counts.

“In the window” counts mails that the server accepted twice because the fault struck between its 250 and our
commit, [the one window](email-delivery.md#the-one-window-for-a-duplicate). Both have the same Message-ID.

“Left over” counts what did not come to its end, and what some faults ask besides: that a poisonous mail is
dead after so many attempts and each other one sent, that what is urgent overtakes a crowd, that an inbox
opens meanwhile, that a notification names the version of its template.

## By what is struck

{families}

## Run by run

{table}
"""


def table(outcomes: Iterable[Outcome]) -> list[tuple[str, ...]]:
    """Return a row for each fault on each engine and database."""
    groups: dict[tuple[str, str, str], list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        groups[outcome.fault, outcome.engine, outcome.database].append(outcome)
    return [(*cell, *_sums(group)) for cell, group in sorted(groups.items())]


def families(outcomes: Iterable[Outcome]) -> list[tuple[str, ...]]:
    """Return a row for each family of faults, in their own order."""
    groups: dict[str, list[Outcome]] = {family: [] for family in FAMILY_OF.values()}
    for outcome in outcomes:
        groups[FAMILY_OF[outcome.fault]].append(outcome)
    return [
        (family, str(len({outcome.fault for outcome in group})), *_sums(group))
        for family, group in groups.items()
        if group
    ]


def _sums(group: Sequence[Outcome]) -> tuple[str, ...]:
    return (
        str(len(group)),
        str(sum(outcome.lost for outcome in group)),
        str(sum(outcome.duplicated for outcome in group)),
        str(sum(outcome.in_window for outcome in group)),
        str(sum(outcome.left for outcome in group)),
        f"{max(outcome.recovery for outcome in group):.1f} s",
    )


def as_text(rows: Sequence[tuple[str, ...]]) -> str:
    """Return the table in columns."""
    lines = [HEADINGS, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADINGS))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column < 3 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def closing_line(outcomes: Sequence[Outcome]) -> str:
    """Return the one line that says it all. Runs that show nothing are not counted, but what they lost is."""
    runs = sum(not outcome.broken for outcome in outcomes)
    lost, duplicated, left = (
        sum(getattr(outcome, what) for outcome in outcomes) for what in ("lost", "duplicated", "left")
    )
    return f"chaos: {runs} runs, {lost} lost, {duplicated} duplicated, {left} left over"


def caveat(outcomes: Sequence[Outcome]) -> str:
    """Return the line that goes before it, if some runs show nothing; "" if all do."""
    broken = sum(bool(outcome.broken) for outcome in outcomes)
    return f"{broken} runs show nothing, and are not counted" if broken else ""


def as_page(outcomes: Sequence[Outcome], command: str) -> str:
    """Return the page of the documentation; `command` is what makes it again."""
    versions = ", ".join(DATABASES[kind].version() for kind in sorted({each.database for each in outcomes}))
    software = (
        f"Python {platform.python_version()}, Django {version('django')}, Django-Q2 {version('django-q2')}"
    )
    return PAGE.format(
        command=command,
        line="\n".join(filter(None, (caveat(outcomes), closing_line(outcomes)))),
        where=f"{software}, {versions}; {_machine()}",
        families=_as_markdown(FAMILY_HEADINGS, families(outcomes)),
        table=_as_markdown(HEADINGS, table(outcomes)),
    )


def _as_markdown(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    texts = len(headings) - len(SUMS)
    rule = ["---"] * texts + ["--:"] * len(SUMS)
    return "\n".join(f"| {' | '.join(line)} |" for line in (headings, rule, *rows))


def _machine() -> str:
    return f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}"
