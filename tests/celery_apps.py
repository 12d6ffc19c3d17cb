"""Celery apps for the length of a test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from celery import Celery, _state

from clarion.bus.engines.base import get_engine


@contextmanager
def current(app: Celery) -> Iterator[Celery]:
    """Let this app take the place of the process's own until the block is left."""
    before, before_default = _state._tls.current_app, _state.default_app
    app.set_current()
    app.set_default()
    get_engine.cache_clear()
    try:
        yield app
    finally:
        app.close()
        _state._set_current_app(before)
        _state.set_default_app(before_default)
        get_engine.cache_clear()
