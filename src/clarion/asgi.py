"""Streams beside Django: `application = with_streams(get_asgi_application())` in a project's asgi.py."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, MutableMapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from clarion.inbox.hub import Hub, Stream
    from clarion.inbox.live import Offer

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Any, Any, Any], Awaitable[None]]
"""Loose, because every library spells the types of ASGI in another way."""

LIFE = 300.0
"""Seconds that a stream lives. The browser asks again, and whoever has signed out meanwhile gets none."""

BEAT = 20.0
"""Seconds of silence after which a comment is sent, so that proxies and firewalls keep the connection."""


def with_streams(application: Application) -> Application:
    """Hold the open streams of the inbox outside Django, which would give each a thread for its whole life.

    Django answers the request as ever, with all its middleware; only the body is sent from here.
    """
    return _Streams(application)


class _Streams:
    def __init__(self, application: Application) -> None:
        self._application = application
        self._hubs: dict[asyncio.AbstractEventLoop, Hub] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        # Not at the top: these name models, which are not loaded yet when a project imports this module.
        from clarion.inbox.live import OFFER, Offer

        offer = Offer()
        start: Message | None = None

        async def hold_back(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start" and offer.is_taken and message["status"] == 200:
                start = message
            elif start is None:
                await send(message)

        await self._application({**scope, OFFER: offer}, receive, hold_back)
        if start is not None:
            await self._stream(offer, start, receive, send)

    async def _stream(self, offer: Offer, start: Message, receive: Receive, send: Send) -> None:
        from clarion.exceptions import TooManyStreams

        try:
            with self._hub().stream(offer.person_id) as stream:
                headers = [header for header in start["headers"] if header[0].lower() != b"content-length"]
                await send({**start, "headers": headers})
                sending = asyncio.create_task(_send_changes(stream, offer, send))
                leaving = asyncio.create_task(_disconnected(receive))
                await _first_of(sending, leaving)
        except TooManyStreams:
            await send({"type": "http.response.start", "status": 429, "headers": [(b"content-length", b"0")]})
            await send({"type": "http.response.body", "body": b""})

    def _hub(self) -> Hub:
        from clarion.inbox.hub import Hub
        from clarion.inbox.unread import unread_counts
        from clarion.realtime.broadcaster import get_broadcaster

        loop = asyncio.get_running_loop()
        if loop not in self._hubs:
            broadcaster = get_broadcaster()
            assert broadcaster, "no stream is offered without one"
            self._hubs[loop] = Hub(broadcaster, unread_counts)
        return self._hubs[loop]


async def _send_changes(stream: Stream, offer: Offer, send: Send) -> None:
    loop = asyncio.get_running_loop()
    # Jitter, so that streams that began together do not end together.
    end = loop.time() + LIFE * random.uniform(0.8, 1.2)
    while (left := end - loop.time()) > 0:
        change = await stream.next(min(BEAT, left))
        body = offer.event(*change) if change else b":\n\n"
        await send({"type": "http.response.body", "body": body, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def _first_of(*tasks: asyncio.Task[None]) -> None:
    """Wait until one of the tasks is done, and cancel the others; an exception of theirs is raised."""
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
    for task in done:
        task.result()


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
