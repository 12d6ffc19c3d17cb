"""The Celery engine keeps the contract on RabbitMQ and on Redis, with real workers."""

from __future__ import annotations

import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

import pytest
import redis
from django.conf import settings

from clarion.contrib.celery.beat import beat_schedule
from clarion.exceptions import EngineUnavailable
from clarion.testing import Message, QueueEngineContract
from tests.acceptance.engines.celery_app import make_app
from tests.acceptance.engines.services import NOWHERE, RABBITMQ, REDIS, need, silent_server
from tests.acceptance.engines.tcp_proxy import tcp_proxy
from tests.celery_apps import current

if TYPE_CHECKING:
    from pytest_django import Settings

pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.proves_most_on("postgres", reason="the broker is another; the rows are as in production"),
]

ALONE = ("--without-gossip", "--without-mingle", "--without-heartbeat")
"""What a worker does to know of others takes time to begin."""


class CeleryContract(QueueEngineContract):
    engine = "clarion.contrib.celery.engine.CeleryEngine"
    url: ClassVar[str]

    @pytest.fixture(autouse=True)
    def _app(self, settings: Settings) -> Iterator[None]:
        need(self.url)
        self.queue = f"clarion-{uuid.uuid4()}"
        settings.CELERY_BROKER_URL = self.url
        settings.CELERY_TASK_DEFAULT_QUEUE = self.queue
        settings.CELERY_BROKER_TRANSPORT_OPTIONS = self.transport_options()
        settings.CELERY_BEAT_SCHEDULE = beat_schedule()
        settings.CELERY_BEAT_SCHEDULE["clarion-relay"]["schedule"] = timedelta(seconds=1)
        with current(make_app()) as self.app:
            yield
            self.clear()

    def transport_options(self) -> dict[str, Any]:
        return {}

    def clear(self) -> None:
        raise NotImplementedError

    def worker(self, *options: str) -> AbstractContextManager[subprocess.Popen[bytes]]:
        command = ("-m", "celery", "-A", "tests.acceptance.engines.celery_app", "worker", "-c", "1")
        name = f"--hostname={self.queue}"
        mine = {name: getattr(settings, name) for name in dir(settings) if name.startswith("CELERY_")}
        return self.run_worker(*command, name, *ALONE, *options, **mine)

    def scheduling_worker(self) -> AbstractContextManager[subprocess.Popen[bytes]]:
        return self.worker("--beat", f"--schedule={self.ledger}-of-beat")

    def broker_away(self) -> AbstractContextManager[None]:
        return self.broker_at(NOWHERE)

    @contextmanager
    def broker_at(self, place: str) -> Iterator[None]:
        url = urlsplit(self.url)
        user, at, _ = url.netloc.rpartition("@")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(settings, "CELERY_BROKER_URL", url._replace(netloc=f"{user}{at}{place}").geturl())
            with current(make_app()):
                yield

    def messages(self) -> list[Message]:
        found = []
        with self.app.connection_for_read() as connection:
            queue = self.app.amqp.queues[self.queue](connection.default_channel)
            while message := queue.get(no_ack=True):
                arguments, keywords, _ = message.payload
                assert keywords == {}
                found.append(Message(tuple(arguments), f"{message.payload} {message.headers}"))
        return found

    def test_a_broker_that_never_answers_is_given_up_within_seconds(self) -> None:
        with silent_server() as place, self.broker_at(place):
            started = time.monotonic()
            with pytest.raises(EngineUnavailable):
                self.get_engine().enqueue("relay", 0)
        assert time.monotonic() - started < 8

    def test_a_broker_that_stops_answering_is_given_up_within_seconds(self) -> None:
        with tcp_proxy(self.url) as proxy, self.broker_at(proxy.place):
            self.get_engine().enqueue("relay", 0)
            proxy.freeze()
            started = time.monotonic()
            with pytest.raises(EngineUnavailable):
                self.get_engine().enqueue("relay", 0)
        assert time.monotonic() - started < 10

    def test_a_connection_that_died_meanwhile_costs_no_hint(self) -> None:
        with tcp_proxy(self.url) as proxy, self.broker_at(proxy.place):
            for _ in range(3):
                self.get_engine().enqueue("relay", 0)
                proxy.cut()
        assert self.get_engine().backlog() == 3


class TestCeleryOnRabbitMQ(CeleryContract):
    url = RABBITMQ

    def clear(self) -> None:
        with self.app.connection_for_write() as connection, connection.channel() as channel:
            channel.queue_delete(self.queue)
            channel.exchange_delete(self.queue)


class TestCeleryOnRedis(CeleryContract):
    url = REDIS

    def transport_options(self) -> dict[str, Any]:
        # Workers look for what killed ones held at every tenth interval of ten seconds, by default.
        look = {"unacked_restore_interval": 0.5, "unacked_restore_throttle": 1}
        return {"visibility_timeout": 3, "global_keyprefix": f"{self.queue}:", **look}

    def clear(self) -> None:
        with redis.from_url(self.url) as client:
            for key in client.scan_iter(f"{self.queue}:*"):
                client.delete(key)
