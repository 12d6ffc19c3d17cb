"""Times that were measured, as a line."""

from __future__ import annotations

import statistics
from collections.abc import Sequence


def report(name: str, seconds: Sequence[float]) -> None:
    milliseconds = sorted(second * 1000 for second in seconds)
    cuts = statistics.quantiles(milliseconds, n=100, method="inclusive")
    print(
        f"{name}: n={len(milliseconds)}  p50 {cuts[49]:.1f} ms  p90 {cuts[89]:.1f}  p95 {cuts[94]:.1f}  "
        f"p99 {cuts[98]:.1f}  max {milliseconds[-1]:.1f}"
    )
