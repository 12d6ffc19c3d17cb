"""Every point of the pipeline is struck."""

from __future__ import annotations

import pytest

from chaos.faults import FAULTS
from clarion.faults import POINTS


@pytest.mark.parametrize("point", sorted(POINTS))
def test_a_point_is_a_fault_that_kills_and_one_that_raises(point: str) -> None:
    assert {f"kill at {point}", f"raise at {point}"} <= FAULTS.keys()
