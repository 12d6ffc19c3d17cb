"""Proxy: TCP between a client and a server, with latency, cuts and silence as wanted."""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
from contextlib import suppress

HOST = "127.0.0.1"


class Proxy:
    """Passes bytes on to a port of this machine, from a port of its own, in a thread of its own."""

    def __init__(self, target: int, host: str = HOST) -> None:
        """`target` is the server's port on this machine; `host` is the address to listen on."""
        self.target = target
        self.latency = 0.0
        """Seconds by which each piece is late."""
        self._cut = False
        self._clients: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._listener = socket.create_server((host, 0))
        self.port: int = self._listener.getsockname()[1]
        self._ready = threading.Event()
        threading.Thread(target=self._run, daemon=True).start()
        self._ready.wait()

    def cut(self) -> None:
        """Reset every connection, and each new one, until `mend`."""
        self._cut = True
        self.reset()

    def mend(self) -> None:
        """Pass bytes on again."""
        self._cut = False

    def reset(self) -> None:
        """Reset every connection that there is, once."""
        self._loop.call_soon_threadsafe(self._reset_all)

    def close(self) -> None:
        """Stop."""
        self.cut()
        self._loop.call_soon_threadsafe(self._loop.stop)

    def _reset_all(self) -> None:
        for client in list(self._clients):
            _reset(client)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(asyncio.start_server(self._serve, sock=self._listener))
        self._ready.set()
        self._loop.run_forever()

    async def _serve(self, from_client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        if self._cut:
            _reset(to_client)
            return
        self._clients.add(to_client)
        to_server = None
        try:
            with suppress(OSError):
                from_server, to_server = await asyncio.open_connection(HOST, self.target)
                pumps = [self._pump(from_client, to_server), self._pump(from_server, to_client)]
                tasks = [asyncio.ensure_future(pump) for pump in pumps]
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
        finally:
            self._clients.discard(to_client)
            for writer in filter(None, (to_client, to_server)):
                writer.close()

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while data := await source.read(65536):
            if self.latency:
                await asyncio.sleep(self.latency)
            sink.write(data)
            await sink.drain()


def _reset(writer: asyncio.StreamWriter) -> None:
    held = writer.get_extra_info("socket")
    # No lingering: the peer gets RST instead of FIN.
    held.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
