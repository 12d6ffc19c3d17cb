"""The dummy engine: takes every hint and does nothing, for tests of what is stored."""

from __future__ import annotations

from clarion.bus.engines.base import Engine


class DummyEngine(Engine):
    """Work stays where it is until something else does it."""

    def enqueue(self, job: str, row_id: int) -> None:
        """Do nothing."""
