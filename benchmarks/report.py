"""Report: one line for each figure, and the page of the documentation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from benchmarks.machine import Machine
from benchmarks.results import OURS, Result

NONE = "-"

PAGE = """\
# Performance

What `make bench` measured: Clarion beside others that do the same work, and beside what the database itself
can do with the same rows, indexes and constraints. Contenders take turns, all in one run on one machine:
compare ratios, since absolute values differ between machines. Medians are given, and ± half the range.

This page is written by the command, never by hand. The same again: `{command}`.

{where}.

## Goals

A ratio is ours divided by theirs.

{goals}

What the time goes to where a goal is missed, and what else was tried: decisions
[22](../decisions/0022-the-cost-of-a-person.md) (fan-out),
[23](../decisions/0023-the-cost-of-a-mail.md) (mails),
[24](../decisions/0024-clean-up-in-batches.md) (clean-up) and
[25](../decisions/0025-the-cost-of-an-event.md) (backlog, latency).

{plots}{figures}
## In one line each

```text
{lines}
```
"""


def closing_line(result: Result) -> str:
    """Return the one line that says it all."""
    peer, limit = result.ratio(result.peer), result.ratio(result.limit)
    return (
        f"bench: {result.name}-{result.database} ours={_of(result, OURS)} peer={_of(result, result.peer)} "
        f"limit={_of(result, result.limit)} ratio_peer={_ratio(peer)} ratio_limit={_ratio(limit)}"
    )


def as_page(results: Sequence[Result], machine: Machine, command: str, images: Mapping[str, str]) -> str:
    """Return the page.

    Args:
        results: in the order of the page.
        machine: where they were measured.
        command: what makes the page again.
        images: file names of plots by what they show, as seen from the page.
    """
    where = (
        f"{machine}. Load over one minute: {machine.load_before:.1f} before, {machine.load_after:.1f} after"
    )
    return PAGE.format(
        command=command,
        where=where,
        goals=_goals(results),
        plots="".join(f"![{title}]({path})\n\n" for title, path in images.items()),
        figures="\n".join(_section(result) for result in results),
        lines="\n".join(map(closing_line, results)),
    )


def _goals(results: Sequence[Result]) -> str:
    lines = ["| figure | database | goal | measured | |", "|---|---|---|--:|---|"]
    for result in results:
        for goal, ratio, met in result.verdicts():
            verdict = "reached" if met else "**missed**"
            lines.append(f"| {result.title} | {result.database} | {goal} | {_ratio(ratio)} | {verdict} |")
    return "\n".join(lines)


def _section(result: Result) -> str:
    lines = [f"## {result.title}: {result.database}", ""]
    lines += [f"| {result.unit} | median | ± | rounds | ours / theirs |", "|---|--:|--:|--:|--:|"]
    for name, samples in result.samples.items():
        spread, ratio = f"{result.spread(name):.0%}", _ratio(result.ratio(name))
        lines.append(f"| {name} | {_shown(result.median(name))} | {spread} | {len(samples)} | {ratio} |")
    lines += ["", *(f"- {note}" for note in result.notes)]
    lines += [f"- Load when it began: {result.load:.1f}.", ""]
    if result.detail:
        lines += [result.detail, ""]
    return "\n".join(lines)


def _of(result: Result, contender: str) -> str:
    return f"{result.median(contender):.4g}" if contender in result.samples else NONE


def _ratio(ratio: float | None) -> str:
    return NONE if ratio is None else f"{ratio:.3g}"


def _shown(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
