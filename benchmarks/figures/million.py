"""A million: is it as fast as ten thousand for each person, in as much memory?"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from benchmarks import world
from benchmarks.alone import in_process
from benchmarks.bench import Bench, load, per_second, settle
from benchmarks.figures.base import Figure
from benchmarks.figures.fan_out import RAW
from benchmarks.peers import hq
from benchmarks.results import OURS, Goal, Result
from benchmarks.rows import Copy, fan_out_models
from clarion.models import EventLog

IDLE = "a process that does nothing"


class Million(Figure):
    """Each in a fresh process, whose memory is known."""

    name = "fan-out-million"
    rounds = 1

    def measure(self, bench: Bench) -> Iterator[Result]:
        """See base."""
        few, many = bench.size(10_000, 1_000), bench.size(1_000_000, 10_000)
        world.prepare(bench, rows=bench.size(1_000_000, 20_000), people=many)
        fewer = f"{OURS}, {few:,} people"
        rate = Result(
            name=f"fan-out-alone-{many}",
            title=f"One event to {many:,} people, in a fresh process",
            database=bench.database,
            unit="people/s",
            peer=hq.NAME,
            limit=RAW,
            goals=(Goal(fewer, 0.9), Goal(RAW, 0.7 if bench.database == "postgres" else 0.6)),
            load=load(),
        )
        memory = Result(
            name=f"memory-{many}",
            title=f"Peak memory of one event to {many:,} people",
            database=bench.database,
            unit="MB",
            peer=hq.NAME,
            limit=IDLE,
            goals=(Goal(fewer, 1.2, at_least=False),),
            load=load(),
        )

        def child(name: str, work: str, people: int) -> Callable[[], float]:
            def measure() -> float:
                done = in_process(work, people) if people else in_process(work)
                memory.samples.setdefault(name, []).append(done.memory)
                return people / done.took

            return measure

        rate.samples = bench.take_turns(
            {
                OURS: child(OURS, "tell", many),
                fewer: child(fewer, "tell", few),
                hq.NAME: child(hq.NAME, "tell by hq", many),
            }
        )
        bench.say("raw SQL")
        settle()
        event = EventLog.objects.order_by("pk").filter(payload__last=many).values_list("pk", flat=True)
        rate.samples[RAW] = [_write(event[0], many)]
        child(IDLE, "nothing", 0)()
        memory.notes = [f"{hq.NAME} makes an object for each person before it writes."]
        yield rate
        yield memory


def _write(event: int, people: int) -> float:
    copy = Copy(fan_out_models(), EventLog, event)
    return per_second(people, copy.write)
