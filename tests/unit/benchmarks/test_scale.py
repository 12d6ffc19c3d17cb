"""The cost model goes through what was measured, and a simulated day goes as a real one must."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.scale.model import Costs, Line, fitted
from benchmarks.scale.needs import needs
from benchmarks.scale.queue import Arrival, simulated
from benchmarks.scale.traffic import DAY, day

COSTS = Costs(
    seconds=Line(event=1.0, person=0.001), log=Line(0, 0), stored=Line(0, 0), together=0.1, mail=0.01
)

costs = st.floats(min_value=0.001, max_value=1e6)


@given(costs, costs)
def test_a_line_is_found_again(event: float, person: float) -> None:
    line = Line(event, person)
    found = fitted({people: line.at(people) for people in (1, 10, 100, 5_000)})
    assert found.at(1) == pytest.approx(line.at(1), rel=1e-3)
    assert found.at(20_000) == pytest.approx(line.at(20_000), rel=1e-3)


def test_what_comes_to_an_idle_worker_does_not_wait() -> None:
    played = simulated([Arrival(0, "normal", 1), Arrival(10, "normal", 1)], COSTS, workers=1)
    assert played.waits["normal"].longest == 0


def test_what_comes_to_a_busy_worker_waits_until_it_is_free() -> None:
    arrivals = [Arrival(0, "normal", 500), Arrival(0.5, "normal", 500)]
    assert simulated(arrivals, COSTS, workers=1).waits["normal"].longest == pytest.approx(1.0)
    assert simulated(arrivals, COSTS, workers=2).waits["normal"].longest == 0


def test_what_is_urgent_overtakes_what_waits_and_nothing_that_has_begun() -> None:
    arrivals = [Arrival(0, "normal", 1_000), Arrival(0, "normal", 1_000), Arrival(1, "urgent", 1)]
    waits = simulated(arrivals, COSTS, workers=1).waits
    assert waits["urgent"].longest == pytest.approx(1.0)
    assert waits["normal"].longest == pytest.approx(3.001)


def test_a_crowd_of_small_events_is_taken_together() -> None:
    arrivals = [Arrival(0, "normal", 1)] * 50 + [Arrival(0.1, "normal", 1)]
    assert simulated(arrivals, COSTS, workers=1).waits["normal"].longest == pytest.approx(
        1.001 + 49 * 0.1 - 0.1
    )


def test_mails_wait_for_the_end_of_an_outage() -> None:
    played = simulated([Arrival(5, "mail", 1)], COSTS, workers=1, outage=(0, 100))
    assert played.waits["mail"].number == 1
    assert played.waits["mail"].longest == 0, "it is due when the outage ends"


def test_a_day_brings_all_its_notifications_within_it() -> None:
    arrivals = day(10_000)
    told = sum(people for _, lane, people in arrivals if lane != "mail")
    assert told == pytest.approx(10_000, rel=0.01)
    assert all(0 <= at < DAY for at, _, _ in arrivals)
    assert arrivals == sorted(arrivals)


def test_a_day_of_ten_times_as_many_needs_ten_times_as_much() -> None:
    little, much = needs(10_000_000, COSTS), needs(100_000_000, COSTS)
    assert much.workers == pytest.approx(10 * little.workers, abs=10)
    assert much.mails == pytest.approx(10 * little.mails)


def test_a_day_needs_workers_for_its_peak() -> None:
    # Half of them alone at 0.1 s, half in bursts at 0.001 s, and 34 mails of a hundred at 0.01 s.
    seconds = 1_000_000 * (0.5 * 0.1 + 0.5 * 0.001 + 0.34 * 0.01)
    assert needs(1_000_000, COSTS).workers == pytest.approx(seconds / DAY * 5, abs=1)
