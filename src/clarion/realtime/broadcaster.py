"""Broadcaster: what tells the processes that hold open streams whose inbox has changed."""

from __future__ import annotations

import asyncio
import json
import logging
import random
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing
from functools import lru_cache

from django.core.checks import CheckMessage
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed
from django.dispatch import receiver
from django.utils.module_loading import import_string

from clarion.conf import get_settings
from clarion.exceptions import BroadcasterUnavailable

logger = logging.getLogger("clarion")

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
"""Seconds before a lost connection is made again."""

ALIVE = 15.0
"""Seconds of silence after which a connection is asked whether it still lives."""

Keys = frozenset[str]
"""People's primary keys, as text."""

EVERYONE = None
"""In place of keys: something may have been missed, so everyone's inbox must be looked at."""


class Broadcaster(ABC):
    """Carries announcements. It may lose, repeat and reorder them: the rows are the truth.

    It is made with the OPTIONS of CLARION["REALTIME"] as its arguments.
    """

    @abstractmethod
    def announce(self, keys: Sequence[str]) -> None:
        """Tell all listeners, once the current transaction is committed and only then.

        One statement or message for many people, and none is lost to a transaction that is rolled back.
        """

    @abstractmethod
    def subscribe(self) -> AsyncGenerator[Keys | None]:
        """Yield EVERYONE once subscribed, then the keys of each announcement.

        Raises:
            BroadcasterUnavailable: there is no connection, or it is lost.
        """

    async def listen(self) -> AsyncGenerator[Keys | None]:
        """Yield announcements for ever; EVERYONE whenever some may have been missed."""
        pause = FIRST_PAUSE
        while True:
            try:
                async with aclosing(self.subscribe()) as announcements:
                    async for keys in announcements:
                        pause = FIRST_PAUSE
                        yield keys
            except BroadcasterUnavailable as error:
                logger.warning("realtime connection lost", extra={"error": str(error)})
            # Jitter, so that many processes do not come back at the same moment.
            await asyncio.sleep(pause * random.uniform(0.5, 1))
            pause = min(pause * 2, LONGEST_PAUSE)

    def check(self) -> list[CheckMessage]:
        """Return what `manage.py check` should say of the options, with ids and hints."""
        return []


def messages_of(keys: Sequence[str], limit: int) -> Iterator[str]:
    """Pack keys into as few messages of at most `limit` ASCII characters as are surely enough."""
    longest = max(len(json.dumps(key)) for key in keys) + len(",")
    size = (limit - len("[]")) // longest
    for start in range(0, len(keys), size):
        yield json.dumps(keys[start : start + size], separators=(",", ":"))


def keys_in(message: str | bytes) -> Keys:
    """Unpack a message."""
    return frozenset(json.loads(message))


@lru_cache(maxsize=1)
def get_broadcaster() -> Broadcaster | None:
    """Return the broadcaster that `CLARION["REALTIME"]` names; None where pages poll.

    Raises:
        ImproperlyConfigured: the path leads to no broadcaster, or it does not take these options.
    """
    chosen = get_settings().REALTIME
    if chosen is None:
        return None
    where = "CLARION['REALTIME']"
    try:
        broadcaster = import_string(chosen.BACKEND)
    except ImportError as missing:
        raise ImproperlyConfigured(f"{where}: {chosen.BACKEND!r} cannot be imported: {missing}") from missing
    if not (isinstance(broadcaster, type) and issubclass(broadcaster, Broadcaster)):
        name = f"{Broadcaster.__module__}.{Broadcaster.__qualname__}"
        raise ImproperlyConfigured(f"{where}: {chosen.BACKEND!r} is not a subclass of {name}")
    try:
        return broadcaster(**chosen.OPTIONS)
    except TypeError as wrong:
        raise ImproperlyConfigured(f"{where}['OPTIONS']: {wrong}") from wrong


@receiver(setting_changed)
def _forget_broadcaster(*, setting: str, **_: object) -> None:
    if setting == "CLARION":
        get_broadcaster.cache_clear()
