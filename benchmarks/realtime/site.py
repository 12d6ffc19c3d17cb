"""The example project, seeded, in a database of its own, and served from one process."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "example"
PORT = 8767
SITE = f"http://127.0.0.1:{PORT}"


@contextmanager
def database() -> Iterator[None]:
    """Have the example, seeded, in a database that is dropped afterwards."""
    import psycopg

    name = f"clarion_realtime_{uuid.uuid4().hex[:8]}"
    os.environ |= {
        "CLARION_TEST_DB": "postgres",
        "CLARION_EXAMPLE_DATABASE": name,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(EXAMPLE), str(ROOT)]),
    }
    sys.path[:0] = [str(ROOT / "src"), str(EXAMPLE)]
    host, user = os.environ.get("PGHOST", "127.0.0.1"), os.environ.get("PGUSER", "postgres")
    with psycopg.connect(host=host, user=user, dbname="postgres", autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
        try:
            import django
            from django.core.management import call_command
            from django.db import connection

            django.setup()
            call_command("migrate", verbosity=0)
            call_command("seed")
            yield
            connection.close()
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def server() -> Iterator[subprocess.Popen[bytes]]:
    """Serve the example from one process."""
    options = ["--port", str(PORT), "--log-level", "warning", "--timeout-graceful-shutdown", "1"]
    with process("-m", "uvicorn", "config.asgi:application", *options) as web:
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", PORT)).close()
            except OSError:
                time.sleep(0.1)
            else:
                break
        yield web


@contextmanager
def process(*command: str) -> Iterator[subprocess.Popen[bytes]]:
    with ExitStack() as stack:
        running = subprocess.Popen([sys.executable, *command], cwd=EXAMPLE, stdout=subprocess.DEVNULL)
        stack.callback(running.wait, 20)
        stack.callback(running.terminate)
        yield running


def request(path: str, cookie: str, more: str = "") -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: sessionid={cookie}\r\n{more}\r\n".encode()
