"""The checks of Django-Q2 refuse what repeats, loses or never gives up work, and name the fix."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django_q.conf import Conf

from clarion.contrib.django_q2.engine import DjangoQ2Engine
from clarion.contrib.django_q2.preset import q_cluster

Use = Callable[..., DjangoQ2Engine]


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Use:
    """A function that gives an engine for a cluster with these settings over the preset's."""

    def configure(**overrides: Any) -> DjangoQ2Engine:
        # Django-Q2 reads its settings once, when it is imported.
        configuration = {"sync": False, "redis": {}, "scheduler": True, **q_cluster(**overrides)}
        for name in ("sync", "timeout", "retry", "max_attempts", "orm", "redis", "scheduler"):
            monkeypatch.setattr(Conf, name.upper(), configuration[name])
        return DjangoQ2Engine()

    return configure


def ids(engine: DjangoQ2Engine) -> list[str | None]:
    return [problem.id for problem in engine.check()]


def test_the_preset_passes(use: Use) -> None:
    assert ids(use()) == []


@pytest.mark.parametrize(
    ("wrong", "check_id", "fix"),
    [
        ({"sync": True}, "clarion.E101", "immediate.ImmediateEngine"),
        ({"timeout": None}, "clarion.E102", "240"),
        ({"timeout": -1}, "clarion.E102", "240"),
        ({"timeout": 60, "retry": 60}, "clarion.E103", "120"),
        ({"timeout": 300, "retry": 600}, "clarion.W104", "240"),
        ({"max_attempts": 0}, "clarion.E105", "5"),
    ],
)
def test_settings_that_break_a_guarantee_are_named_with_their_fix(
    use: Use, wrong: dict[str, Any], check_id: str, fix: str
) -> None:
    (problem,) = use(**wrong).check()
    assert problem.id == check_id
    assert fix in (problem.hint or "")


def test_the_database_gives_a_killed_worker_s_hints_out_again_and_redis_does_not(use: Use) -> None:
    assert use().has_receipts
    assert not use(redis="redis://127.0.0.1/0").has_receipts


def test_the_preset_leaves_the_database_alone_where_another_broker_is_named() -> None:
    assert q_cluster()["orm"] == "default"
    assert q_cluster(redis="redis://127.0.0.1/0")["orm"] is None
    assert q_cluster(orm="queue", redis="redis://127.0.0.1/0")["orm"] == "queue"


def test_a_cluster_whose_scheduler_is_off_has_none(use: Use) -> None:
    assert use().has_scheduler
    assert not use(scheduler=False).has_scheduler
