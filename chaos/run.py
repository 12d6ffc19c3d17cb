"""Run: one fault, once, in a process and a world of its own. `python -m chaos.run`, started by the matrix.

Reads one JSON object from standard input and writes one, the outcome, to standard output.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from chaos.canary import heard_in
from chaos.engines import ENGINES
from chaos.faults import FAULTS, LONG
from chaos.ground import Ground, ground
from chaos.oracle import judge
from chaos.world import NotStruck, World

LATE = 0.5
"""Seconds in which somebody may still do something twice after all is done."""


@dataclass
class Outcome:
    """What came of a run."""

    fault: str
    engine: str
    database: str
    seed: int
    lost: int = 0
    duplicated: int = 0
    in_window: int = 0
    left: int = 0
    told: int = 0
    """People told of an event, and in `mails` how many messages that took."""
    mails: int = 0
    recovery: float = 0
    """Seconds from the fault until nothing was left to do."""
    seconds: float = 0
    strikes: dict[str, int] = field(default_factory=dict)
    """Of a soak: what was done how often."""
    complaints: list[str] = field(default_factory=list)
    broken: str = ""
    """Why the run shows nothing, if it does not."""

    @property
    def is_clean(self) -> bool:
        """Whether nobody was missed or told twice, and nothing was left over."""
        return not (self.lost or self.duplicated or self.left or self.broken)


def run(outcome: Outcome, folder: Path, own: Ground) -> None:
    """Let it happen, and judge."""
    from chaos.evidence import collect

    fault = (FAULTS | LONG)[outcome.fault]
    began = time.monotonic()
    with World(ENGINES[outcome.engine], folder, outcome.seed, own) as world:
        try:
            fault.scenario(world)
            outcome.recovery = round(world.settle(), 1)
            fault.check(world)
        except NotStruck as weak:
            outcome.broken = str(weak)
        except (TimeoutError, RuntimeError) as problem:
            outcome.broken = str(problem) or type(problem).__name__
        time.sleep(LATE)
        world.stop()
        evidence = collect(world.acknowledged, world.sink.ledger, world.most_attempts)
        # Without workers, who publishes is who is killed.
        is_overtaken = fault.excuses.is_overtaken and bool(world.engine.workers)
        verdict = judge(
            evidence, replace(fault.excuses, strikes=world.record.strikes(), is_overtaken=is_overtaken)
        )
    missing = world.ordered - len(evidence.happenings)
    verdict.blame("lost", missing, "happenings were never published")
    for log in heard_in(folder):
        verdict.blame("left", 1, f"{log} holds an address, a payload's value or a text")
    for complaint in world.complaints:
        verdict.blame("left", 1, complaint)
    for name, value in asdict(verdict).items():
        setattr(outcome, name, value)
    outcome.strikes = dict(world.strikes)
    outcome.told, outcome.mails = len(evidence.told), len({mail.message_id for mail in evidence.ledger})
    outcome.seconds = round(time.monotonic() - began, 1)


def main() -> None:
    """Run what standard input asks for."""
    import django

    asked = json.load(sys.stdin)
    outcome, folder = Outcome(**asked["outcome"]), Path(asked["folder"])
    fault = (FAULTS | LONG)[outcome.fault]
    with ground(folder, server=fault.server, disk=fault.disk) as own:
        django.setup()
        run(outcome, folder, own)
    json.dump(asdict(outcome), sys.stdout)


if __name__ == "__main__":
    main()
