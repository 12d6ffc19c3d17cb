"""The checks of `TASKS` refuse a backend that runs nothing, or runs it in the wrong place."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from clarion.contrib.django_tasks.engine import DjangoTasksEngine
from clarion.contrib.django_tasks.framework import task_backends

if TYPE_CHECKING:
    from pytest_django import Settings

DATABASE = "django_tasks_db.DatabaseBackend"
FRAMEWORK = type(task_backends).__module__
"""`django.tasks` or, before Django 6.0, `django_tasks`."""

Checked = Callable[[dict[str, Any]], dict[str | None, str | None]]


@pytest.fixture
def checked(settings: Settings) -> Checked:
    """A function that gives the ids of what is wrong with `TASKS`, and the hints."""

    def check(tasks: dict[str, Any]) -> dict[str | None, str | None]:
        settings.TASKS = tasks
        return {problem.id: problem.hint for problem in DjangoTasksEngine().check()}

    return check


def test_the_database_backend_passes(checked: Checked) -> None:
    assert checked({"default": {"BACKEND": DATABASE}}) == {}


@pytest.mark.parametrize(
    "tasks", [{"other": {"BACKEND": DATABASE}}, {"default": {"BACKEND": "no.such.Backend"}}]
)
def test_without_a_default_backend_there_is_no_engine(checked: Checked, tasks: dict[str, Any]) -> None:
    problems = checked(tasks)
    assert list(problems) == ["clarion.E301"]
    assert DATABASE in (problems["clarion.E301"] or "")


def test_running_tasks_in_the_publishing_process_is_refused(checked: Checked) -> None:
    problems = checked({"default": {"BACKEND": f"{FRAMEWORK}.backends.immediate.ImmediateBackend"}})
    assert list(problems) == ["clarion.E302"]
    assert "clarion.bus.engines.immediate.ImmediateEngine" in (problems["clarion.E302"] or "")
    assert DATABASE in (problems["clarion.E302"] or "")


def test_a_backend_that_runs_nothing_is_refused(checked: Checked) -> None:
    assert list(checked({"default": {"BACKEND": f"{FRAMEWORK}.backends.dummy.DummyBackend"}})) == [
        "clarion.E303"
    ]


def test_a_backend_without_the_queue_of_hints_is_refused(checked: Checked) -> None:
    problems = checked({"default": {"BACKEND": DATABASE, "QUEUES": ["mail"]}})
    assert list(problems) == ["clarion.E304"]
    assert "Add 'default'" in (problems["clarion.E304"] or "")
    assert checked({"default": {"BACKEND": DATABASE, "QUEUES": ["mail", "default"]}}) == {}
    assert checked({"default": {"BACKEND": DATABASE, "QUEUES": []}}) == {}


def test_a_backend_without_its_table_is_refused(checked: Checked, settings: Settings) -> None:
    settings.INSTALLED_APPS = [app for app in settings.INSTALLED_APPS if app != "django_tasks_db"]
    problems = checked({"default": {"BACKEND": DATABASE}})
    assert list(problems) == ["clarion.E305"]
    assert "Add 'django_tasks_db' to INSTALLED_APPS" in (problems["clarion.E305"] or "")
