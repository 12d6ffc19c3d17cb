"""Hub: who is connected to this process, and what each of them should be told now."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections import defaultdict
from collections.abc import Callable, Collection, Coroutine, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, contextmanager
from itertools import count
from typing import Any

from django.db import close_old_connections

from clarion.exceptions import TooManyStreams
from clarion.realtime.broadcaster import EVERYONE, Broadcaster, Keys

logger = logging.getLogger("clarion")

SWEEP = 60.0
"""Seconds between two looks at everyone, for what nobody announces: a snooze that ends, a lost message."""

PAUSE = 0.05
"""Seconds between two looks at the database: what comes meanwhile is looked at together."""

PATIENCE = 2.0
"""Seconds before what failed is tried again."""

STREAM_LIMIT = 20
"""Streams that one person may hold open in one process."""

Look = Callable[[Collection[Any]], Mapping[str, int]]
"""Returns unread counts, by primary key as text, of these people; 0 for whoever is not in it."""


class Stream:
    """One connection. It holds the latest count alone: whoever is slow misses only what is out of date."""

    def __init__(self) -> None:
        self._changed = asyncio.Event()
        self._latest: tuple[str, int] | None = None

    def put(self, tag: str, unread: int) -> None:
        self._latest = tag, unread
        self._changed.set()

    async def next(self, timeout: float) -> tuple[str, int] | None:
        """Return the next change's tag and unread count; None if there is none within `timeout` seconds."""
        try:
            async with asyncio.timeout(timeout):
                await self._changed.wait()
        except TimeoutError:
            return None
        self._changed.clear()
        return self._latest


class Hub:
    """One for each event loop. It holds one subscription and, while it looks, one database connection.

    A stream is registered first and looked at afterwards, and a lost subscription that is back means that
    everyone is looked at: so nobody misses what happens in between.
    """

    def __init__(self, broadcaster: Broadcaster, look: Look) -> None:
        self._broadcaster = broadcaster
        self._look = look
        self._streams: dict[str, set[Stream]] = defaultdict(set)
        self._people: dict[str, Any] = {}
        self._told: dict[str, int] = {}
        self._due: dict[str, bool] = {}
        self._wake = asyncio.Event()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="clarion-hub")
        self._tags = map(f"{uuid.uuid4().hex[:12]}-{{}}".format, count(1))
        self._tasks = [
            asyncio.create_task(self._keep_on(work)) for work in (self._listen, self._sweep, self._tell)
        ]

    def __len__(self) -> int:
        return sum(map(len, self._streams.values()))

    @contextmanager
    def stream(self, person_id: Any) -> Iterator[Stream]:
        """Register a stream, whose first change comes at once, until the block is left.

        Raises:
            TooManyStreams: the person has too many.
        """
        key, stream = str(person_id), Stream()
        if len(self._streams[key]) >= STREAM_LIMIT:
            raise TooManyStreams
        self._streams[key].add(stream)
        self._people[key] = person_id
        self._mark({key}, is_change=True)
        try:
            yield stream
        finally:
            self._streams[key].discard(stream)
            if not self._streams[key]:
                for record in (self._streams, self._people, self._told, self._due):
                    record.pop(key, None)

    async def close(self) -> None:
        """Stop listening."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._thread.shutdown()

    def _mark(self, keys: Keys | set[str], *, is_change: bool) -> None:
        """Have these people looked at. If nothing is known to have changed, they hear of a new count only."""
        for key in keys & self._people.keys():
            self._due[key] = self._due.get(key, False) or is_change
        if self._due:
            self._wake.set()

    async def _keep_on(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        while True:
            try:
                await work()
            except Exception as error:  # noqa: BLE001  # a database that is away, say: streams must outlive it
                logger.warning("realtime work failed", extra={"error": type(error).__name__})
                await asyncio.sleep(PATIENCE)
                self._mark(set(self._people), is_change=True)

    async def _listen(self) -> None:
        async with aclosing(self._broadcaster.listen()) as announcements:
            async for keys in announcements:
                self._mark(set(self._people) if keys is EVERYONE else keys, is_change=True)

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP)
            self._mark(set(self._people), is_change=False)

    async def _tell(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            due, self._due = self._due, {}
            people = [self._people[key] for key in due if key in self._people]
            unread = await asyncio.get_running_loop().run_in_executor(self._thread, self._ask, people)
            tag = next(self._tags)
            for key, is_change in due.items():
                number = unread.get(key, 0)
                if is_change or number != self._told.get(key):
                    for stream in self._streams.get(key, ()):
                        stream.put(tag, number)
                        self._told[key] = number
            await asyncio.sleep(PAUSE)

    def _ask(self, people: Collection[Any]) -> Mapping[str, int]:
        close_old_connections()
        try:
            return self._look(people)
        finally:
            close_old_connections()
