"""Plots, as SVG. Drawn with matplotlib, which only the bench environment has."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib import pyplot as plt

from benchmarks.results import OURS, Result

COLOURS = {OURS: "#0f766e"}
OTHERS = "#94a3b8"

# The same figures give the same file, and text stays text.
mpl.rcParams |= {"svg.hashsalt": "clarion", "svg.fonttype": "none", "font.size": 9}


def draw(results: Sequence[Result], folder: Path) -> dict[str, str]:
    """Draw a plot for each unit and database; return file names, as seen from the page, by title."""
    drawn: dict[str, str] = {}
    for unit in dict.fromkeys(result.unit for result in results):
        for database in dict.fromkeys(result.database for result in results):
            chosen = [each for each in results if (each.unit, each.database) == (unit, database)]
            if chosen:
                words = re.findall(r"[a-z0-9]+", unit.lower().replace("/", " per "))
                name = f"bench-{'-'.join(words)}-{database}.svg"
                _draw(chosen, unit, folder / name)
                drawn[f"{unit[0].upper()}{unit[1:]}, {database}"] = f"../images/{name}"
    return drawn


def _draw(results: Sequence[Result], unit: str, path: Path) -> None:
    bars = [(result, name) for result in results for name in result.samples]
    figure, axes = plt.subplots(figsize=(8, 0.6 + 0.26 * (len(bars) + len(results))), layout="constrained")
    labels, places, place = [], [], 0.0
    for result in results:
        axes.text(0.0, place, f" {result.name}", weight="bold", va="center")
        labels.append("")
        places.append(place)
        place += 1
        for name, samples in result.samples.items():
            middle = result.median(name)
            axes.barh(place, middle, color=COLOURS.get(name, OTHERS))
            axes.plot(samples, [place] * len(samples), "|", color="black", markersize=6)
            labels.append(name)
            places.append(place)
            place += 1
    axes.set_yticks(places, labels)
    axes.set_ylim(place - 0.4, -0.6)
    axes.set_xscale("symlog", linthresh=_least(results))
    axes.set_xlabel(f"{unit}, logarithmic; the strokes are the rounds")
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)


def _least(results: Sequence[Result]) -> float:
    positive = [
        value for each in results for values in each.samples.values() for value in values if value > 0
    ]
    return min(positive, default=1.0)
