"""What is measured, in the order of the page."""

from benchmarks.figures.base import Figure
from benchmarks.figures.fan_out import FanOut
from benchmarks.figures.million import Million
from benchmarks.figures.two_workers import TwoWorkers

_ALL: tuple[Figure, ...] = (FanOut(), Million(), TwoWorkers())

FIGURES: dict[str, Figure] = {figure.name: figure for figure in _ALL}
