"""Broadcasters for tests: one that notes what it is told, and those there are."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from typing import Any, ClassVar

from clarion.realtime.broadcaster import EVERYONE, Broadcaster, Keys

POSTGRES = {"BACKEND": "clarion.contrib.postgres.broadcaster.PostgresBroadcaster"}
REDIS = "clarion.contrib.redis.broadcaster.RedisBroadcaster"


class RecordingBroadcaster(Broadcaster):
    """Notes every announcement, and passes on what a test puts into its queue."""

    announced: ClassVar[list[set[str]]] = []

    def __init__(self) -> None:
        self.queue: asyncio.Queue[Keys | None] = asyncio.Queue()

    def announce(self, keys: Sequence[str]) -> None:
        self.announced.append(set(keys))

    async def subscribe(self) -> AsyncGenerator[Keys | None]:
        yield EVERYONE
        while True:
            yield await self.queue.get()


RECORDING: dict[str, Any] = {"BACKEND": f"{__name__}.RecordingBroadcaster"}
