"""A broker that is away costs whoever publishes next to nothing."""

from __future__ import annotations

import socket
import time

import pytest
from django_q.brokers.redis_broker import Redis
from django_q.conf import Conf

from clarion.contrib.django_q2 import engine
from clarion.exceptions import EngineUnavailable

pytest.importorskip("redis")


def test_a_hint_for_a_redis_that_is_away_fails_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # bound, never listening
        monkeypatch.setattr(Conf, "REDIS", {"host": "127.0.0.1", "port": closed.getsockname()[1]})
        monkeypatch.setattr(engine, "get_broker", Redis)
        began = time.monotonic()
        with pytest.raises(EngineUnavailable):
            engine.DjangoQ2Engine().enqueue("relay", 0)
        assert time.monotonic() - began < 1
