"""The thinned matrix leaves no pair out."""

from __future__ import annotations

from itertools import product

from chaos.databases import DATABASES
from chaos.engines import ENGINES
from chaos.faults import FAULTS
from chaos.matrix import chosen
from chaos.run import Outcome


def runs(*, quick: bool = False, full: bool = False) -> list[Outcome]:
    return list(chosen("*", "*", "*", 1, quick=quick, full=full))


def test_a_fault_meets_each_engine_that_it_can_meet_on_postgresql_and_each_database() -> None:
    thinned, full = runs(), runs(full=True)
    assert {(run.fault, run.database) for run in thinned} == {(run.fault, run.database) for run in full}
    assert {(run.fault, run.engine) for run in thinned if run.database == "postgres"} == {
        (run.fault, run.engine) for run in full if run.database == "postgres"
    }
    assert len(thinned) < len(full) / 2


def test_each_engine_meets_each_database() -> None:
    assert {(run.engine, run.database) for run in runs()} == set(product(ENGINES, DATABASES))


def test_the_quick_subset_has_each_of_its_faults_once() -> None:
    assert [run.fault for run in runs(quick=True)] == [name for name, fault in FAULTS.items() if fault.quick]


def test_a_run_has_the_same_seed_however_it_is_chosen() -> None:
    every = {(run.fault, run.engine, run.database): run.seed for run in runs(full=True)}
    for run in runs(quick=True):
        (alone,) = chosen(run.fault.replace("[", "?"), run.engine, run.database, 1, quick=False, full=True)
        assert alone.seed == run.seed == every[run.fault, run.engine, run.database]
