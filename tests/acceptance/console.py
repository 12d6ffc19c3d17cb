"""A console: a Python process inside a Django project, which calls functions there for a test."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from types import TracebackType
from typing import ParamSpec, Self, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

DEADLINE = 120
"""Seconds that one call may take."""


class Console:
    """Stays open until the block is left, so that many calls cost one start of Django."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        """`environment` names the project: DJANGO_SETTINGS_MODULE, and PYTHONPATH where it must be found."""
        self._pool = ProcessPoolExecutor(
            max_workers=1,
            # Not a fork: the project's settings are not those of the tests.
            mp_context=get_context("spawn"),
            initializer=_enter,
            initargs=(dict(environment),),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown()

    def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a function of a module, in the project; return what it returns, raise what it raises."""
        return self._pool.submit(function, *args, **kwargs).result(DEADLINE)


def _enter(environment: dict[str, str]) -> None:
    os.environ.clear()
    os.environ.update(environment)
    sys.path[:0] = [path for path in environment.get("PYTHONPATH", "").split(os.pathsep) if path]
    import django

    django.setup()
