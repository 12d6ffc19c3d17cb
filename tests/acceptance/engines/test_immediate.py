"""The immediate engine keeps the contract, without a queue."""

from __future__ import annotations

import pytest

from clarion.testing import EngineContract

pytestmark = pytest.mark.acceptance


class TestImmediate(EngineContract):
    engine = "clarion.bus.engines.immediate.ImmediateEngine"
