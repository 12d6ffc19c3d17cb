"""What is measured, in the order of the page."""

from benchmarks.figures.backlog import Backlog
from benchmarks.figures.base import Figure
from benchmarks.figures.cleanup import Cleanup
from benchmarks.figures.email import Email
from benchmarks.figures.fan_out import FanOut
from benchmarks.figures.inbox import Inbox
from benchmarks.figures.latency import Latency
from benchmarks.figures.million import Million
from benchmarks.figures.publish import Publish
from benchmarks.figures.two_workers import TwoWorkers
from benchmarks.figures.urgent import Urgent

ENGINES = {"q2-orm": "Django-Q2 in the database", "q2-redis": "Django-Q2 on Redis"}

_ALL: tuple[Figure, ...] = (
    FanOut(),
    Million(),
    TwoWorkers(),
    *(Backlog(engine, title) for engine, title in ENGINES.items()),
    Publish(),
    *(Latency(engine, title) for engine, title in ENGINES.items()),
    Urgent(),
    Inbox(),
    Cleanup(),
    Email(),
)

FIGURES: dict[str, Figure] = {figure.name: figure for figure in _ALL}
