"""Servers of a run's own, which it may stop, crash and fill: nobody else is on them.

As root each runs as its package's user, because it refuses to run as root.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self

HOST = "127.0.0.1"
PATIENCE = 60
"""Seconds that a server may take to begin, or to end."""


class Server(ABC):
    """A server on a port and in a folder of its own."""

    programs: ClassVar[Sequence[str]]
    """What must be installed."""
    user: ClassVar[str]
    orderly: ClassVar[int] = signal.SIGTERM
    """The signal that ends it in good order; SIGKILL is the crash."""

    def __init__(self, folder: Path) -> None:
        """`folder` is where its data goes; it must be empty, and be removed by who made it."""
        self.folder = folder
        self.port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @abstractmethod
    def prepare(self) -> None:
        """Make what must be there before the first start."""

    @abstractmethod
    def command(self) -> Sequence[str]:
        """Return what starts it."""

    @property
    def environment(self) -> dict[str, str]:
        """The variables that lead a run to it."""
        return {}

    def __enter__(self) -> Self:
        if os.geteuid() == 0:
            shutil.chown(self.folder, self.user, pwd.getpwnam(self.user).pw_gid)
        self.prepare()
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop(signal.SIGKILL)

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self.launch()
        end = time.monotonic() + PATIENCE
        while not self.answers():
            if time.monotonic() > end or not self.is_running():
                raise RuntimeError(f"{self.programs[0]} does not start: {self.log.read_text()[-500:]}")
            time.sleep(0.05)

    def launch(self) -> None:
        """Start it, and do not wait."""
        # It must not outlive us, whatever becomes of us.
        as_user = ["setpriv", "--pdeathsig", "KILL", *_as(self.user)]
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                [*as_user, *self.command()],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def stop(self, how: int) -> None:
        """Send it a signal, and wait until it is gone, with all its processes."""
        if self._process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, how) if how == signal.SIGKILL else os.kill(self._process.pid, how)
        try:
            self._process.wait(PATIENCE)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
        # Its children may be a moment later than itself.
        while self.answers():
            time.sleep(0.02)

    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self._process is not None and self._process.poll() is None

    def answers(self) -> bool:
        """Whether it takes connections."""
        try:
            socket.create_connection((HOST, self.port), timeout=1).close()
        except OSError:
            return False
        return True

    @property
    def log(self) -> Path:
        """What it says."""
        return self.folder.with_name(f"{self.folder.name}.log")

    def run(self, *command: str) -> None:
        """Run a command of its package, as its user, to the end."""
        with self.log.open("ab") as output:
            subprocess.run(
                ["setpriv", *_as(self.user), *command],
                cwd=self.folder,
                check=True,
                stdout=output,
                stderr=subprocess.STDOUT,
            )


class PostgresServer(Server):
    """PostgreSQL. SIGINT ends it at once and in order; SIGQUIT would be its own crash."""

    programs = ("postgres", "initdb")
    user = "postgres"
    orderly = signal.SIGINT

    def prepare(self) -> None:
        """See base."""
        self.run(_program("initdb"), "--pgdata=data", "--username=postgres", "--auth=trust", "--no-sync")

    def command(self) -> Sequence[str]:
        """See base."""
        options = {
            "port": self.port,
            "listen_addresses": HOST,
            "unix_socket_directories": "",
            "max_wal_size": "64MB",
        }
        chosen = [f"--{name}={value}" for name, value in options.items()]
        return [_program("postgres"), "-D", "data", *chosen]

    def answers(self) -> bool:
        """See base. It takes connections before it answers queries."""
        import psycopg

        try:
            psycopg.connect(host=HOST, port=self.port, user="postgres", dbname="postgres").close()
        except psycopg.OperationalError:
            return False
        return True

    @property
    def environment(self) -> dict[str, str]:
        """See base."""
        return {"PGHOST": HOST, "PGPORT": str(self.port), "PGUSER": "postgres", "PGPASSWORD": ""}


class MariaDBServer(Server):
    """MariaDB."""

    programs = ("mariadbd", "mariadb-install-db")
    user = "mysql"

    def prepare(self) -> None:
        """See base."""
        options = ["--auth-root-authentication-method=normal", "--skip-test-db", "--innodb-log-file-size=16M"]
        self.run(_program("mariadb-install-db"), "--no-defaults", f"--datadir={self.folder}/data", *options)

    def command(self) -> Sequence[str]:
        """See base."""
        place = [f"--datadir={self.folder}/data", f"--socket={self.folder}/socket", f"--bind-address={HOST}"]
        return [
            _program("mariadbd"),
            "--no-defaults",
            *place,
            f"--port={self.port}",
            "--innodb-log-file-size=16M",
        ]

    @property
    def environment(self) -> dict[str, str]:
        """See base."""
        return {"MYSQL_HOST": HOST, "MYSQL_PORT": str(self.port), "MYSQL_USER": "root", "MYSQL_PASSWORD": ""}


class RedisServer(Server):
    """Redis that keeps nothing: whoever stops it loses all that waits."""

    programs = ("redis-server",)
    user = "redis"

    def prepare(self) -> None:
        """See base."""

    def command(self) -> Sequence[str]:
        """See base."""
        return [_program("redis-server"), "--port", str(self.port), "--bind", HOST, "--save", ""]


class RabbitMQServer(Server):
    """A node of RabbitMQ."""

    programs = ("rabbitmq-server",)
    user = "rabbitmq"

    def prepare(self) -> None:
        """See base."""

    def command(self) -> Sequence[str]:
        """See base."""
        variables = {
            "RABBITMQ_NODENAME": f"chaos{self.port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": HOST,
            "RABBITMQ_NODE_PORT": self.port,
            "RABBITMQ_DIST_PORT": _free_port(),
            "RABBITMQ_MNESIA_BASE": f"{self.folder}/data",
            "RABBITMQ_LOG_BASE": f"{self.folder}/logs",
            "RABBITMQ_ENABLED_PLUGINS_FILE": f"{self.folder}/plugins",
            "RABBITMQ_CONFIG_FILE": f"{self.folder}/none",
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_PID_FILE": f"{self.folder}/pid",
            "HOME": self.folder,
        }
        assigned = [f"{name}={value}" for name, value in variables.items()]
        # The package's script takes root or its user only, and the program itself is where it leads to.
        return ["env", *assigned, "/usr/lib/rabbitmq/bin/rabbitmq-server"]


DATABASE_SERVERS: dict[str, type[Server]] = {"postgres": PostgresServer, "mariadb": MariaDBServer}
BROKER_SERVERS: dict[str, type[Server]] = {"redis": RedisServer, "rabbitmq": RabbitMQServer}


def absence(server: type[Server]) -> str:
    """Return why no such server can be started here; "" if it can."""
    missing = [name for name in (*server.programs, "setpriv") if _found(name) is None]
    return f"not installed: {', '.join(missing)}" if missing else ""


def _program(name: str) -> str:
    found = _found(name)
    if found is None:
        raise RuntimeError(f"{name} is not installed")
    return found


def _found(name: str) -> str | None:
    # Debian keeps PostgreSQL's programs, of each version, off the path.
    folders = sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin")), reverse=True)
    return shutil.which(name, path=os.pathsep.join([*folders, os.environ["PATH"], "/usr/sbin"]))


def _as(user: str) -> list[str]:
    if os.geteuid() != 0:
        return []
    return ["--reuid", user, "--regid", str(pwd.getpwnam(user).pw_gid), "--clear-groups"]


def _free_port() -> int:
    with socket.socket() as held:
        held.bind((HOST, 0))
        return int(held.getsockname()[1])
