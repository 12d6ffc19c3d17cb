"""How soon open pages show what happened, and what it costs to keep them open.

    python -m benchmarks.realtime tabs      an event, seen in the second tab of a Chromium
    python -m benchmarks.realtime streams   a thousand open streams in one process
    python -m benchmarks.realtime fanout    announcing to a hundred thousand people
    python -m benchmarks.realtime poll      a state that has not changed

All on the example project, in a PostgreSQL database of its own on PGHOST, behind uvicorn. `tabs` also starts
the cluster, so that an event takes the whole way: publish, dispatch, notify, record, announce.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence

from benchmarks.realtime.site import database, process, server


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("what", choices=["tabs", "streams", "fanout", "poll"])
    parser.add_argument("--events", type=int, default=100, help="events to time (tabs, streams)")
    parser.add_argument("--count", type=int, default=1000, help="streams, or requests")
    parser.add_argument("--minutes", type=int, default=1, help="how long streams are held, silent (streams)")
    parser.add_argument("--people", type=int, default=100_000, help="people of the fan-out")
    asked = parser.parse_args(arguments)
    with database():
        if asked.what == "tabs":
            from benchmarks.realtime.tabs import tabs

            with process("manage.py", "qcluster"), server():
                tabs(asked.events)
        elif asked.what == "streams":
            from benchmarks.realtime.streams import streams

            with server() as web:
                asyncio.run(streams(asked.count, asked.events, asked.minutes, web.pid))
        elif asked.what == "fanout":
            from benchmarks.realtime.fanout import fanout

            fanout(asked.people)
        else:
            from benchmarks.realtime.poll import poll

            with server():
                asyncio.run(poll(asked.count))


if __name__ == "__main__":
    main(sys.argv[1:])
