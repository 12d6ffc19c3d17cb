"""The last lines of a report count what was shown, and nothing else."""

from __future__ import annotations

from chaos.report import caveat, closing_line
from chaos.run import Outcome

CLEAN = Outcome("kill", "q2-orm", "sqlite", 1)
BROKEN = Outcome("kill", "q2-orm", "sqlite", 2, lost=3, broken="the fault did not strike")


def test_a_run_that_shows_nothing_is_no_clean_run() -> None:
    assert closing_line([CLEAN, BROKEN, CLEAN]).startswith("chaos: 2 runs, ")


def test_what_a_run_lost_counts_though_it_shows_nothing_else() -> None:
    assert "3 lost" in closing_line([CLEAN, BROKEN])


def test_the_line_before_says_how_many_showed_nothing() -> None:
    assert caveat([CLEAN, BROKEN, BROKEN]).startswith("2 runs show nothing")
    assert caveat([CLEAN]) == ""
