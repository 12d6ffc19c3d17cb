"""The last lines of a report count what was shown, and nothing else."""

from __future__ import annotations

from chaos.report import as_page, caveat, closing_line
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


def test_the_page_sums_up_what_has_been_struck() -> None:
    runs = [
        Outcome("451 try later", "q2-orm", "sqlite", 1, in_window=2, recovery=3.0),
        Outcome("421 closing", "q2-orm", "sqlite", 1, recovery=7.0),
    ]
    page = as_page(runs, "make chaos")
    assert " struck in the middle of a conversation. | 2 | 2 | 0 | 0 | 2 | 0 | 7.0 s |" in page
