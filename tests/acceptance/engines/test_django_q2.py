"""The Django-Q2 engine keeps the contract on the database and on Redis, with a real cluster."""

from __future__ import annotations

import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, ClassVar

import pytest
import redis
from django_q.conf import Conf
from django_q.models import OrmQ
from django_q.signing import SignedPackage

from clarion.bus.engines.base import get_engine
from clarion.contrib.django_q2.preset import q_cluster
from clarion.exceptions import EngineUnavailable
from clarion.testing import Message, QueueEngineContract
from tests.acceptance.engines.services import NOWHERE, REDIS, need, silent_server, table_away

pytestmark = pytest.mark.acceptance

# Without its scheduler, so that nothing but the broker gives a hint out again. A task is given out again
# a second after the lease of the contract's workers.
PACE: dict[str, Any] = {
    "workers": 1, "timeout": 2, "retry": 3, "poll": 0.1, "guard_cycle": 0.1, "scheduler": False, "bulk": 1
}  # fmt: skip

# It looks at its schedules whenever its cycles add up to so many seconds, and counts each in advance.
AT_ONCE: dict[str, Any] = {"scheduler": True, "guard_cycle": 30}


def decoded(package: str) -> Message:
    task = SignedPackage.loads(package)
    assert task["kwargs"] == {}
    return Message(task["args"], repr(task))


class DjangoQ2Contract(QueueEngineContract):
    engine = "clarion.contrib.django_q2.engine.DjangoQ2Engine"
    broker: ClassVar[dict[str, str]] = {}

    def worker(self, **overrides: Any) -> AbstractContextManager[subprocess.Popen[bytes]]:
        settings = q_cluster(Conf.PREFIX, **self.broker, **{**PACE, **overrides})
        return self.run_worker("-m", "django", "qcluster", Q_CLUSTER=settings)

    def scheduling_worker(self) -> AbstractContextManager[subprocess.Popen[bytes]]:
        return self.worker(**AT_ONCE)


class TestDjangoQ2OnTheDatabase(DjangoQ2Contract):
    def broker_away(self) -> AbstractContextManager[object]:
        return table_away(OrmQ._meta.db_table)

    def messages(self) -> list[Message]:
        return [decoded(queued.payload) for queued in OrmQ.objects.all()]


@pytest.mark.proves_most_on("postgres", reason="the broker is another; the rows are as in production")
class TestDjangoQ2OnRedis(DjangoQ2Contract):
    broker = {"redis": REDIS}

    @pytest.fixture(autouse=True)
    def _queue(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        need(REDIS)
        self.monkeypatch = monkeypatch
        cluster = f"clarion-{uuid.uuid4()}"
        # Its settings are read once, when it is imported.
        read = {"ORM": None, "REDIS": REDIS, "PREFIX": cluster, "CLUSTER_NAME": cluster}
        for name, value in read.items():
            monkeypatch.setattr(Conf, name, value)
        self.key = f"django_q:{Conf.CLUSTER_NAME}:q"
        with redis.from_url(REDIS) as self.redis:
            yield
            self.redis.delete(self.key)

    @contextmanager
    def broker_away(self, where: str = NOWHERE) -> Iterator[None]:
        with self.monkeypatch.context() as patch:
            patch.setattr(Conf, "REDIS", f"redis://{where}/0")
            get_engine.cache_clear()
            yield
        get_engine.cache_clear()

    def messages(self) -> list[Message]:
        return [decoded(queued.decode()) for queued in self.redis.lrange(self.key, 0, -1)]

    def test_a_broker_that_never_answers_is_given_up_within_seconds(self) -> None:
        with silent_server() as where, self.broker_away(where):
            started = time.monotonic()
            with pytest.raises(EngineUnavailable):
                self.get_engine().enqueue("relay", 0)
        assert time.monotonic() - started < 8
