"""A mail that was accepted twice is explained by a strike at the time, and by nothing else."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path

import pytest

from chaos.strike import TOLERANCE, Record, Strike, explained

SOON, LATER = 0.9 * TOLERANCE, 1.1 * TOLERANCE


def test_a_mail_is_explained_by_a_strike_soon_before_or_after_it_was_accepted() -> None:
    strike = Strike(100, 100, 1)
    assert explained([100 - SOON], [strike]) == 1
    assert explained([100 + SOON], [strike]) == 1


def test_a_strike_long_before_or_after_explains_nothing() -> None:
    strike = Strike(100, 100, 1)
    assert explained([100 - LATER], [strike]) == 0
    assert explained([100 + LATER], [strike]) == 0


def test_a_strike_that_lasts_explains_what_was_accepted_meanwhile() -> None:
    strike = Strike(100, 160, 1)
    assert explained([130], [strike]) == 1
    assert explained([160 + LATER], [strike]) == 0


def test_a_strike_explains_no_more_than_its_window() -> None:
    assert explained([100, 100, 100], [Strike(100, 100, 2)]) == 2
    assert explained([100], [Strike(100, 100, 0)]) == 0


def test_what_one_strike_cannot_explain_is_left_to_another() -> None:
    short, long = Strike(100, 100, 1), Strike(90, 130, 1)
    assert explained([100, 120], [long, short]) == 2
    assert explained([100, 120], [short, long]) == 2


def test_a_record_says_from_when_to_when_it_was_struck(tmp_path: Path) -> None:
    record = Record(tmp_path)
    before = time.monotonic()
    with record.striking(window=3, aftermath=60):
        between = time.monotonic()
    (strike,) = record.strikes()
    assert before <= strike.began <= between
    assert between + 60 <= strike.ended <= time.monotonic() + 60
    assert strike.window == 3


def test_a_record_keeps_what_was_struck_though_the_block_failed(tmp_path: Path) -> None:
    record = Record(tmp_path)
    with suppress(TimeoutError), record.striking(window=1, aftermath=0):
        raise TimeoutError
    assert len(record.strikes()) == 1


def test_a_record_learns_of_strikes_at_points_of_the_pipeline_from_the_files_they_leave(
    tmp_path: Path,
) -> None:
    mark = tmp_path / "send.after_smtp"
    mark.touch()
    os.utime(mark, (time.time() - 60,) * 2)
    record = Record(tmp_path)
    record.window_at_points = 1
    (strike,) = record.strikes()
    assert time.monotonic() - strike.began == pytest.approx(60, abs=1)
    assert strike.window == 1
