"""How long it takes to ask for a state that has not changed."""

from __future__ import annotations

import asyncio
import time

from benchmarks.realtime.site import PORT, request
from benchmarks.realtime.times import report
from benchmarks.realtime.visitors import make_people


async def poll(count: int) -> None:
    """Ask for a state that has not changed, one request after another on one connection."""
    [(_, cookie)] = await asyncio.to_thread(make_people, 1)
    reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
    etag, took = "", []
    for _ in range(count):
        began = time.perf_counter()
        writer.write(request("/notifications/state/", cookie, f'If-None-Match: "{etag}"\r\n'))
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.split("content-length: ")[1].split("\r\n")[0])
        await reader.readexactly(length)
        etag = head.split('etag: "')[1].split('"')[0]
        if " 304 " in head:
            took.append(time.perf_counter() - began)
    writer.close()
    report("a 304", took)
