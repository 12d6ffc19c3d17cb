"""Needs: what so many notifications a day take, by the measured costs."""

from __future__ import annotations

from math import ceil
from typing import NamedTuple

from benchmarks.scale.model import Costs
from benchmarks.scale.traffic import ALONE, DAY, DIGEST, DIGESTED, MAILED

PEAK = 5
"""How many times the mean of the day its busiest minutes bring."""


class Needs(NamedTuple):
    """What a day takes."""

    workers: int
    """At the peak."""
    log: float
    """Bytes of write-ahead log a second, at the peak."""
    stored: float
    """Bytes a day, until they expire."""
    mails: float
    """A second, at the peak."""


def needs(notifications: int, costs: Costs) -> Needs:
    """Return what a day of `benchmarks.scale.traffic` takes, where workers never run out of work."""
    alone = notifications * ALONE
    in_bursts = notifications - alone
    mails = notifications * (MAILED + DIGESTED / DIGEST)
    worked = alone * costs.together + in_bursts * costs.seconds.person + mails * costs.mail
    return Needs(
        workers=ceil(worked / DAY * PEAK),
        log=(alone * costs.log.at(1) + in_bursts * costs.log.person) / DAY * PEAK,
        stored=alone * costs.stored.at(1) + in_bursts * costs.stored.person,
        mails=mails / DAY * PEAK,
    )
