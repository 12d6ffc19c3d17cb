"""A TCP proxy before a broker: what a network does to connections."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit


class TcpProxy:
    def __init__(self, server: socket.socket, target: tuple[str, int]) -> None:
        self.place = f"127.0.0.1:{server.getsockname()[1]}"
        self._server = server
        self._target = target
        self._sockets: list[socket.socket] = []
        self._flows = threading.Event()
        self._flows.set()
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """End every connection; new ones are let through."""
        while self._sockets:
            with suppress(OSError):
                self._sockets.pop().shutdown(socket.SHUT_RDWR)

    def freeze(self) -> None:
        """Let nothing through any more, and say nothing of it."""
        self._flows.clear()

    def _accept(self) -> None:
        with suppress(OSError):  # the server was closed: the test is over
            while True:
                client, _ = self._server.accept()
                broker = socket.create_connection(self._target)
                self._sockets += client, broker
                for ends in ((client, broker), (broker, client)):
                    threading.Thread(target=self._pump, args=ends, daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError), source, sink:
            while data := source.recv(65536):
                self._flows.wait()
                sink.sendall(data)


@contextmanager
def tcp_proxy(url: str) -> Iterator[TcpProxy]:
    """Run a proxy before the broker at this address."""
    place = urlsplit(url)
    with socket.create_server(("127.0.0.1", 0)) as server:
        proxy = TcpProxy(server, (str(place.hostname), place.port or 0))
        try:
            yield proxy
        finally:
            proxy.cut()
