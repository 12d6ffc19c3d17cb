"""What open streams cost, and how soon they hear."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence

from benchmarks.realtime.footprint import connections, memory, threads
from benchmarks.realtime.site import PORT, request
from benchmarks.realtime.times import report
from benchmarks.realtime.visitors import give, make_people


async def streams(count: int, events: int, minutes: int, server: int) -> None:
    """Open so many streams; watch memory, threads and connections; time events to one and to all.

    Within some minutes of silence every stream ends and is asked for again; then all must hear once more.
    """
    people = await asyncio.to_thread(make_people, count)
    heard: asyncio.Queue[tuple[int, float, int]] = asyncio.Queue()
    tasks: list[asyncio.Task[None]] = []
    print(f"{'streams':>8} {'RSS MB':>8} {'threads':>8} {'PG connections':>15}")

    def line() -> None:
        print(f"{len(tasks):8} {memory(server):8.1f} {threads(server):8} {connections():15}")

    await asyncio.to_thread(line)
    for start in range(0, count, 25):
        for person_id, cookie in people[start : start + 25]:
            tasks.append(asyncio.create_task(follow(person_id, cookie, heard)))
        await quiet(heard)
        assert not any(task.done() for task in tasks), "a stream has ended"
        if (start + 25) % 250 == 0:
            await asyncio.to_thread(line)

    ids = [person_id for person_id, _ in people]
    one = []
    for number in range(events):
        began = time.time()
        await asyncio.to_thread(give, [ids[number % count]])
        _, at, _ = await heard.get()
        one.append(at - began)
    report("transaction to one stream", one)
    for round_ in range(5):
        await to_all(ids, heard, f"commit to all {count}, round {round_ + 1}")
    await asyncio.to_thread(line)
    for minute in range(minutes):
        print(f"silence, minute {minute + 1}")
        await asyncio.sleep(60)
        await asyncio.to_thread(line)
    while not heard.empty():
        heard.get_nowait()
    await to_all(ids, heard, f"commit to all {count}, after the silence")
    await asyncio.to_thread(line)
    for task in tasks:
        task.cancel()
    await asyncio.sleep(1)
    tasks.clear()
    await asyncio.to_thread(line)


async def to_all(ids: Sequence[int], heard: asyncio.Queue[tuple[int, float, int]], name: str) -> None:
    """Give each of these people an item in one transaction; report when each of them first heard of it."""
    await asyncio.to_thread(give, ids)
    committed = time.time()
    first: dict[int, float] = {}
    while len(first) < len(ids):  # whose stream begins anew just then may hear twice
        person_id, at, _ = await heard.get()
        first.setdefault(person_id, at)
    report(name, [at - committed for at in first.values()])


async def follow(person_id: int, cookie: str, heard: asyncio.Queue[tuple[int, float, int]]) -> None:
    """Follow a person's stream, and ask for it again when it ends; report each change."""
    while True:
        reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
        try:
            writer.write(request("/notifications/stream/", cookie))
            head = await reader.readuntil(b"\r\n\r\n")
            assert b" 200 " in head, head
            while (text := await reader.readline()) not in (b"", b"0\r\n"):
                if text.startswith(b"data: "):
                    heard.put_nowait((person_id, time.time(), json.loads(text[6:])["unread"]))
        finally:
            writer.close()


async def quiet(heard: asyncio.Queue[tuple[int, float, int]]) -> None:
    """Wait until nothing is heard any more, and forget what was."""
    while True:
        try:
            async with asyncio.timeout(1):
                await heard.get()
        except TimeoutError:
            return
