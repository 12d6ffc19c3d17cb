"""What `make bench` says of given results; nothing is measured here."""

from __future__ import annotations

import json
from dataclasses import asdict

from benchmarks.machine import Machine
from benchmarks.report import as_page, closing_line
from benchmarks.results import Goal, Result

MACHINE = Machine(
    day="2026-11-23",
    commit="abc1234",
    hardware="2 cores, 24 GiB",
    software=["Python 3.11.7", "PostgreSQL 15.20"],
    load_before=0.5,
    load_after=1.5,
)


def fan_out() -> Result:
    """Clarion at 800 people a second, the others at 100 and at 1,000."""
    return Result(
        name="fan-out-10000",
        title="One event to 10,000 people",
        database="postgres",
        unit="people/s",
        samples={"ours": [700, 800, 900], "a peer": [100, 100, 100], "raw SQL": [900, 1000, 1100]},
        peer="a peer",
        limit="raw SQL",
        goals=(Goal("raw SQL", 0.7), Goal("a peer", 10)),
        notes=["A note."],
        load=0.25,
    )


def test_each_figure_closes_with_one_line() -> None:
    assert closing_line(fan_out()) == (
        "bench: fan-out-10000-postgres ours=800 peer=100 limit=1000 ratio_peer=8 ratio_limit=0.8"
    )


def test_where_nobody_does_the_same_work_the_line_says_so() -> None:
    alone = fan_out()
    alone.peer = ""
    assert closing_line(alone) == (
        "bench: fan-out-10000-postgres ours=800 peer=- limit=1000 ratio_peer=- ratio_limit=0.8"
    )


def test_the_middle_sample_counts_and_not_the_mean() -> None:
    disturbed = fan_out()
    disturbed.samples["ours"] = [800, 800, 1]
    assert disturbed.median("ours") == 800


def test_the_spread_is_half_the_range() -> None:
    assert fan_out().spread("ours") == 0.125


def test_a_goal_is_reached_or_missed_by_the_ratio_of_the_medians() -> None:
    assert [(goal.against, ratio, met) for goal, ratio, met in fan_out().verdicts()] == [
        ("raw SQL", 0.8, True),
        ("a peer", 8.0, False),
    ]


def test_a_goal_may_be_not_to_exceed() -> None:
    slow = fan_out()
    slow.goals = (Goal("a peer", 8, at_least=False), Goal("raw SQL", 0.5, at_least=False))
    assert [met for *_, met in slow.verdicts()] == [True, False]


def test_a_goal_against_one_who_was_not_measured_is_left_out() -> None:
    alone = fan_out()
    del alone.samples["a peer"]
    assert [goal.against for goal, *_ in alone.verdicts()] == ["raw SQL"]


def test_the_page_shows_every_contender_goal_and_note() -> None:
    page = as_page([fan_out()], MACHINE, "make bench", {"People a second": "../images/people.svg"})
    assert "`make bench`" in page
    assert "2026-11-23, commit `abc1234`, 2 cores, 24 GiB; Python 3.11.7, PostgreSQL 15.20" in page
    assert "![People a second](../images/people.svg)" in page
    assert "| One event to 10,000 people | postgres | ≥ 10 × a peer | 8 | **missed** |" in page
    assert "| raw SQL | 1,000 | 10% | 3 | 0.8 |" in page
    assert "- A note." in page
    assert closing_line(fan_out()) in page


def test_results_come_back_from_json_as_they_were() -> None:
    assert Result.of(json.loads(json.dumps(asdict(fan_out())))) == fan_out()
