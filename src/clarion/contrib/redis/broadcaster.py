"""Redis as broadcaster: pub/sub, published once the transaction is committed."""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncGenerator, Sequence
from functools import cached_property, partial
from typing import Any

from django.db import router, transaction
from redis import Redis, RedisError
from redis.asyncio import Redis as AsyncRedis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from clarion.exceptions import BroadcasterUnavailable
from clarion.models import AppNotification
from clarion.realtime.broadcaster import ALIVE, EVERYONE, Broadcaster, Keys, keys_in, messages_of

logger = logging.getLogger("clarion")

PATIENCE = 2
"""Seconds that connecting, or an answer, may take. Whoever announces waits for it."""

SILENCE = 5
"""Seconds without announcements after Redis did not answer: a fan-out must not wait at each chunk."""

LIMIT = 1_000_000
"""Characters in one message."""


class RedisBroadcaster(Broadcaster):
    """Takes the load of announcements off the database. One that is lost is made good within a minute."""

    def __init__(self, url: str, channel: str = "clarion") -> None:
        """Use this Redis, as in "redis://127.0.0.1:6379".

        Projects that share it need channels of their own, whatever their database numbers.
        """
        self._url = url
        self._channel = channel
        self._silent_until = 0.0

    def announce(self, keys: Sequence[str]) -> None:
        """Publish after the commit."""
        transaction.on_commit(partial(self._publish, keys), using=router.db_for_write(AppNotification))

    async def subscribe(self) -> AsyncGenerator[Keys | None]:
        """Yield announcements from one connection."""
        # Without retries: one that reconnects by itself would not say that it has missed something.
        client = AsyncRedis.from_url(
            self._url,
            socket_connect_timeout=PATIENCE,
            retry=Retry(NoBackoff(), 0),
            decode_responses=True,
            client_name=f"listens-to-{self._channel}",
        )
        try:
            async with client, client.pubsub() as subscription:
                await subscription.subscribe(self._channel)
                yield EVERYONE
                async for message in _messages(subscription):
                    yield keys_in(message)
        except (RedisError, OSError) as error:
            raise BroadcasterUnavailable(f"{type(error).__name__} from Redis") from error

    def _publish(self, keys: Sequence[str]) -> None:
        if time.monotonic() < self._silent_until:
            return
        try:
            for message in messages_of(keys, LIMIT):
                self._client.publish(self._channel, message)
        except (RedisError, OSError) as error:
            # The caller has committed. Whoever holds a stream looks at all its people every minute.
            self._silent_until = time.monotonic() + SILENCE
            logger.warning("realtime announcement lost", extra={"error": type(error).__name__})

    @cached_property
    def _client(self) -> Redis:
        return Redis.from_url(self._url, socket_connect_timeout=PATIENCE, socket_timeout=PATIENCE)


async def _messages(subscription: Any) -> AsyncGenerator[str]:
    """Yield what is published; after a silence, ask whether Redis is still there."""
    while True:
        asked = False
        while (message := await subscription.get_message(timeout=PATIENCE if asked else ALIVE)) is None:
            if asked:
                raise BroadcasterUnavailable("no answer from Redis")
            await subscription.ping()
            asked = True
        if message["type"] == "message":
            yield message["data"]
