"""Real workers in processes of their own, on the databases of the test that starts them."""

from __future__ import annotations

import base64
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import Any

from django.conf import settings
from django.db import connections
from django.utils.module_loading import import_string

STOPPING = 15
"""Seconds that workers may take to stop; then they are killed. A cluster with a backlog can hang for ever."""


def running_cluster(overrides: Mapping[str, Any]) -> AbstractContextManager[subprocess.Popen[bytes]]:
    """Run a Django-Q2 cluster, `manage.py qcluster`; see `running_worker`."""
    return running_worker(["-m", "django", "qcluster"], overrides)


@contextmanager
def running_worker(
    arguments: Sequence[str], overrides: Mapping[str, Any]
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a worker, of whichever engine, until the block is left; yields its main process.

    It has the project's settings, with `CLARION` and the databases as the test has them now.

    Args:
        arguments: what follows `python` on the command line.
        overrides: further settings by name; picklable.

    Raises:
        RuntimeError: the worker ended by itself, with an error, and its output says why; or a database is
            in memory, where other processes cannot see it.
    """
    process = subprocess.Popen(
        [sys.executable, *arguments],
        env=_environment(overrides),
        stdin=subprocess.DEVNULL,
        # A group of its own: Ctrl-C is for the tests, and what hangs can be killed with its children.
        start_new_session=True,
    )
    try:
        yield process
        # Below 0 is a signal: a test may kill the cluster on purpose.
        if (process.poll() or 0) > 0:
            raise RuntimeError(f"the cluster ended by itself, with exit code {process.returncode}")
    finally:
        _stop(process)


def clear_queue() -> None:
    """Take every task out of the broker's queue."""
    # By name, because Django-Q2 is optional.
    import_string("django_q.brokers.get_broker")().purge_queue()


def _environment(overrides: Mapping[str, Any]) -> dict[str, str]:
    given = {
        "databases": {alias: _name_of(alias) for alias in connections},
        "settings": {"CLARION": getattr(settings, "CLARION", {}), **overrides},
        "module": os.environ["DJANGO_SETTINGS_MODULE"],
    }
    return {
        **os.environ,
        "CLARION_CLUSTER": base64.b64encode(pickle.dumps(given)).decode(),
        "DJANGO_SETTINGS_MODULE": "clarion.testing.cluster_settings",
        "PYTHONPATH": os.pathsep.join(path or os.getcwd() for path in sys.path),
    }


def _name_of(alias: str) -> str:
    # Only SQLite has such databases, and only it can tell.
    if getattr(connections[alias], "is_in_memory_db", lambda: False)():
        raise RuntimeError(
            f'the test database "{alias}" is in memory, where a cluster cannot see it; '
            f'fix: set DATABASES["{alias}"]["TEST"] = {{"NAME": BASE_DIR / "test.sqlite3"}}'
        )
    return str(connections[alias].settings_dict["NAME"])


def _stop(process: subprocess.Popen[bytes]) -> None:
    # To the main process alone: a SIGTERM to the whole group makes Django-Q2's shutdown hang.
    process.send_signal(signal.SIGTERM)
    try:
        with suppress(subprocess.TimeoutExpired):
            process.wait(STOPPING)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
