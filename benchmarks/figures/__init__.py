"""What is measured, in the order of the page."""

from benchmarks.figures.base import Figure
from benchmarks.figures.fan_out import FanOut

FIGURES: dict[str, Figure] = {figure.name: figure for figure in (FanOut(),)}
