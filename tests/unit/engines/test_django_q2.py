"""What the Django-Q2 engine can do depends on its broker and on its settings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django_q.conf import Conf

from clarion.contrib.django_q2.engine import DjangoQ2Engine
from clarion.contrib.django_q2.preset import q_cluster

REDIS = "redis://127.0.0.1/0"

EngineOf = Callable[..., DjangoQ2Engine]


@pytest.fixture
def engine_of(monkeypatch: pytest.MonkeyPatch) -> EngineOf:
    """A function that gives an engine for a cluster with these settings over the preset's."""

    def configure(**overrides: Any) -> DjangoQ2Engine:
        # Django-Q2 reads its settings once, when it is imported.
        configuration = {"redis": {}, "scheduler": True, **q_cluster(**overrides)}
        for name in ("orm", "redis", "scheduler"):
            monkeypatch.setattr(Conf, name.upper(), configuration[name])
        return DjangoQ2Engine()

    return configure


def test_the_database_gives_the_hints_of_a_killed_worker_out_again_and_redis_does_not(
    engine_of: EngineOf,
) -> None:
    assert engine_of().has_receipts
    assert not engine_of(redis=REDIS).has_receipts


def test_the_preset_leaves_the_database_alone_where_another_broker_is_named() -> None:
    assert q_cluster()["orm"] == "default"
    assert q_cluster(redis=REDIS)["orm"] is None
    assert q_cluster(orm="queue", redis=REDIS)["orm"] == "queue"


def test_a_cluster_whose_scheduler_is_off_has_none(engine_of: EngineOf) -> None:
    assert engine_of().has_scheduler
    assert not engine_of(scheduler=False).has_scheduler
