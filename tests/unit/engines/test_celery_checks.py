"""The checks of a Celery app refuse what loses hints or hangs workers, and name the fix."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from celery import Celery

from clarion.contrib.celery.beat import beat_schedule
from clarion.contrib.celery.engine import CeleryEngine
from tests.celery_apps import current

SOUND = {"broker_url": "amqp://", "task_time_limit": 240}

Checked = Callable[..., dict[str | None, str | None]]


@pytest.fixture
def checked() -> Iterator[Checked]:
    """A function that gives the ids of what is wrong with an app, and the hints."""
    with ExitStack() as stack:

        def check(**configuration: Any) -> dict[str | None, str | None]:
            app = Celery("shop")
            app.conf.update({**SOUND, **configuration})
            stack.enter_context(current(app))
            return {problem.id: problem.hint for problem in CeleryEngine().check()}

        yield check


def test_sound_settings_pass(checked: Checked) -> None:
    assert checked() == {}
    assert checked(broker_url="redis://") == {}


def test_running_tasks_in_the_publishing_process_is_refused(checked: Checked) -> None:
    problems = checked(task_always_eager=True)
    assert "clarion.bus.engines.immediate.ImmediateEngine" in (problems["clarion.E202"] or "")


@pytest.mark.parametrize("task", ["*", "clarion.run"])
@pytest.mark.parametrize(
    ("attribute", "check_id"), [("acks_late", "clarion.E203"), ("reject_on_worker_lost", "clarion.E204")]
)
def test_annotations_that_take_receipts_away_are_refused(
    checked: Checked, task: str, attribute: str, check_id: str
) -> None:
    problems = checked(task_annotations={task: {attribute: False}})
    assert list(problems) == [check_id]
    assert attribute in (problems[check_id] or "")


def test_defaults_of_the_app_do_not_take_receipts_away(checked: Checked) -> None:
    assert checked(task_acks_late=False, task_reject_on_worker_lost=False) == {}


@pytest.mark.parametrize(("seconds", "ids"), [(300, ["clarion.W205"]), (301, [])])
def test_redis_must_not_give_hints_out_again_before_the_lease_ends(
    checked: Checked, seconds: int, ids: list[str]
) -> None:
    problems = checked(broker_url="redis://", broker_transport_options={"visibility_timeout": seconds})
    assert list(problems) == ids


def test_rabbitmq_has_no_visibility_timeout(checked: Checked) -> None:
    assert checked(broker_transport_options={"visibility_timeout": 1}) == {}


def test_a_task_that_may_hang_for_ever_is_warned_of(checked: Checked) -> None:
    assert list(checked(task_time_limit=None)) == ["clarion.W206"]
    assert checked(task_time_limit=None, task_annotations={"clarion.run": {"time_limit": 240}}) == {}


@pytest.mark.parametrize(
    ("seconds", "problems"), [(299, {}), (300, {"clarion.W207": "Set it to 240 or less."})]
)
def test_a_hung_process_must_be_stopped_before_its_lease_ends(
    checked: Checked, seconds: int, problems: dict[str, str]
) -> None:
    assert checked(task_time_limit=seconds) == problems
    annotations = {"clarion.run": {"time_limit": seconds}}
    assert checked(task_time_limit=1, task_annotations=annotations) == problems


def test_a_process_without_the_project_s_app_is_refused() -> None:
    # In a process of its own, because an app once loaded stays.
    script = (
        "import django; django.setup()\n"
        "from clarion.contrib.celery.engine import CeleryEngine\n"
        "print(*[problem.id for problem in CeleryEngine().check()])"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["clarion.E201"]


def test_the_engine_has_a_scheduler_if_the_app_s_beat_knows_the_relay() -> None:
    with current(Celery("shop", changes={"beat_schedule": beat_schedule()})):
        assert CeleryEngine().has_scheduler
    cleanup = {"clarion-cleanup": beat_schedule()["clarion-cleanup"]}
    with current(Celery("shop", changes={"beat_schedule": cleanup})):
        assert not CeleryEngine().has_scheduler
