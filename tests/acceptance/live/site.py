"""The test project under a real ASGI server, which a test may stop and start."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.acceptance.waiting import wait_for

ROOT = Path(__file__).parents[3]


class Site:
    """Served by one process of uvicorn."""

    def __init__(self, environment: Mapping[str, str], realtime: Mapping[str, Any] | None, log: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            self.port = server.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._environment = {**environment, "CLARION_TEST_REALTIME": json.dumps(realtime)}
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        options = ["--port", str(self.port), "--log-level", "warning", "--timeout-graceful-shutdown", "1"]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "uvicorn", "tests.asgi:application", *options],
                cwd=ROOT,
                env=self._environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        wait_for(self._answers, f"the server; its log: {self._log.read_text()}", 30)

    def stop(self) -> None:
        if self._process:
            self._process.terminate()
            self._process.wait(15)
            self._process = None

    def crash(self) -> None:
        assert self._process
        os.kill(self._process.pid, signal.SIGKILL)
        self._process.wait(15)
        self._process = None

    @property
    def threads(self) -> int:
        assert self._process
        return len(list(Path(f"/proc/{self._process.pid}/task").iterdir()))

    def _answers(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        except OSError:
            return False
        return True
