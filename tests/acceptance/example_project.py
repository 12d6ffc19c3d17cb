"""The example project as a user runs it: processes, a var folder and a database of its own."""

from __future__ import annotations

import os
import shutil
import sys
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.acceptance.postgres import on_postgres

EXAMPLE = Path(__file__).parents[2] / "example"
DEMO = [sys.executable, str(EXAMPLE / "demo.py")]
MANAGE = [sys.executable, str(EXAMPLE / "manage.py")]


@contextmanager
def example_environment(var: Path, like: Mapping[str, str] | None = None) -> Iterator[dict[str, str]]:
    """Yield the environment for its processes; on PostgreSQL their database is dropped afterwards.

    The database is empty, or a copy of the one in the environment `like`, which nobody may be using.
    """
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "CLARION_EXAMPLE_VAR": str(var),
    }
    if os.environ.get("CLARION_TEST_DB") != "postgres":
        if like:
            shutil.copytree(like["CLARION_EXAMPLE_VAR"], var, dirs_exist_ok=True)
        yield environment
        return
    name = f"clarion_example_{uuid.uuid4().hex[:12]}"
    on_postgres(f"CREATE DATABASE {name}" + (f" TEMPLATE {like['CLARION_EXAMPLE_DATABASE']}" if like else ""))
    try:
        yield {**environment, "CLARION_EXAMPLE_DATABASE": name}
    finally:
        on_postgres(f"DROP DATABASE {name} WITH (FORCE)")
