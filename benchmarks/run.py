"""Run: one figure on one database, in a process of its own: `python -m benchmarks.run`.

Reads one JSON object from standard input; writes one JSON object a line to standard output, a result each. A
result that comes again, by name, takes the place of the first.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path


def main() -> None:
    """Measure what is asked for."""
    import django

    django.setup()
    from benchmarks.bench import Bench
    from benchmarks.figures import FIGURES

    asked = json.load(sys.stdin)
    figure = FIGURES[asked["figure"]]
    # What libraries print is not for whoever reads our results.
    results = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    rounds = asked["rounds"] or (min(figure.rounds, 2) if asked["quick"] else figure.rounds)
    bench = Bench(asked["database"], asked["quick"], rounds, Path(asked["folder"]))
    for result in figure.measure(bench):
        results.write(json.dumps(asdict(result)) + "\n")
        results.flush()


if __name__ == "__main__":
    main()
