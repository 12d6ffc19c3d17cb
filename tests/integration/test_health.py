"""The health check: silent when all is well, and loud, with a sentence and an exit code, when it is not."""

from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from pytest_django import DjangoAssertNumQueries, Settings

from clarion.bus.relay import relay
from clarion.database.clock import Now
from clarion.exceptions import EngineUnavailable
from clarion.health import problems
from clarion.models import (
    ChannelPause,
    EmailNotification,
    EventLog,
    HandlerRun,
    Heartbeat,
    NotifiableEvent,
    RecipientBatch,
    Status,
)
from clarion.testing import commit
from tests.integration.clock import let_pass
from tests.integration.engines import BrokenEngine
from tests.integration.orders import ship

pytestmark = pytest.mark.django_db

WORK = [EventLog, HandlerRun, RecipientBatch, NotifiableEvent, EmailNotification]


def health() -> tuple[int, str, str]:
    """Run `manage.py clarion health`; return its exit code and what it wrote to stdout and stderr."""
    out, err = StringIO(), StringIO()
    try:
        call_command("clarion", "health", stdout=out, stderr=err)
    except CommandError as failure:
        return failure.returncode, out.getvalue(), f"{err.getvalue()}{failure}"
    return 0, out.getvalue(), err.getvalue()


@pytest.fixture
def well(alice: User) -> None:
    """Something happened, everything was done, and the relay was there."""
    ship(alice)
    with commit():
        relay()


@pytest.mark.usefixtures("well")
def test_all_is_well() -> None:
    assert health() == (0, "all is well\n", "")


@pytest.mark.usefixtures("well")
def test_what_has_just_failed_and_will_be_tried_again_is_no_problem() -> None:
    EmailNotification.objects.update(status=Status.FAILED)

    assert list(problems()) == []


def test_a_relay_that_never_ran_is_missed() -> None:
    code, out, err = health()

    assert (code, out) == (1, "")
    assert err == (
        "The relay was last seen never: run `manage.py clarion relay` under a supervisor.\nproblems: 1"
    )


@pytest.mark.usefixtures("well")
def test_a_relay_that_went_silent_is_missed() -> None:
    let_pass(timedelta(minutes=2))
    assert list(problems()) == []

    let_pass(timedelta(minutes=2))

    [problem] = problems()
    assert problem.startswith(f"The relay was last seen {Heartbeat.last('relay')}: run `manage.py clarion ")


def test_a_relay_lives_even_while_the_broker_is_away(settings: Settings) -> None:
    path = f"{BrokenEngine.__module__}.{BrokenEngine.__qualname__}"
    settings.CLARION = {**settings.CLARION, "ENGINE": path}

    with pytest.raises(EngineUnavailable):
        relay()

    assert Heartbeat.last("relay")


def test_relays_that_beat_together_are_one_heart() -> None:
    for _ in range(3):
        Heartbeat.beat("relay")

    assert Heartbeat.objects.count() == 1
    assert Heartbeat.last("somebody else") is None


@pytest.mark.usefixtures("well")
@pytest.mark.parametrize("model", WORK)
def test_work_that_nobody_takes_is_a_problem(model: type[EventLog]) -> None:
    model.objects.update(status=Status.PENDING, due_at=Now())
    let_pass(timedelta(minutes=6))
    Heartbeat.beat("relay")

    name = model._meta.verbose_name_plural
    assert list(problems()) == [f"1 {name} are overdue by more than 0:05:00: start workers, or more of them."]
    assert health()[0] == 1


@pytest.mark.usefixtures("well")
@pytest.mark.parametrize("model", WORK)
def test_work_whose_worker_died_is_a_problem_once_its_lease_is_long_over(model: type[EventLog]) -> None:
    model.objects.update(status=Status.RUNNING, due_at=Now() + timedelta(minutes=5))
    let_pass(timedelta(minutes=6))
    Heartbeat.beat("relay")
    assert list(problems()) == []

    let_pass(timedelta(minutes=5))
    Heartbeat.beat("relay")

    assert len(list(problems())) == 1


@pytest.mark.usefixtures("well", "no_workers")
def test_work_that_is_scheduled_for_later_is_no_problem(alice: User) -> None:
    EventLog.objects.update(status=Status.PENDING, due_at=Now())
    let_pass(-timedelta(hours=1))
    Heartbeat.beat("relay")

    assert list(problems()) == []


@pytest.mark.usefixtures("well")
@pytest.mark.parametrize("model", WORK)
def test_dead_work_is_a_problem_until_somebody_looks(model: type[EventLog]) -> None:
    model.objects.update(status=Status.DEAD, error="could not ship to canary@people.example")

    name = model._meta.verbose_name_plural
    [problem] = problems()
    assert problem == f"1 {name} are dead: see why in the admin, then retry or discard them."

    model.objects.update(status=Status.CANCELLED)
    assert list(problems()) == []


@pytest.mark.usefixtures("well")
def test_a_paused_channel_is_a_problem_for_as_long_as_it_is_paused() -> None:
    ChannelPause.begin("email", timedelta(minutes=1), "535 go away, canary@people.example")

    [problem] = problems()
    assert problem.startswith("The channel email is paused until ")
    assert "canary" not in problem

    let_pass(timedelta(minutes=2))
    assert list(problems()) == []


@pytest.mark.usefixtures("well")
def test_every_problem_is_named_and_counted() -> None:
    HandlerRun.objects.update(status=Status.DEAD)
    ChannelPause.begin("email", timedelta(minutes=1), "")
    Heartbeat.objects.all().delete()

    code, _, err = health()

    assert code == 1
    assert len(err.splitlines()) == 4
    assert err.endswith("problems: 3")


@pytest.mark.usefixtures("well")
def test_asking_costs_a_few_queries(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_max_num_queries(17):
        list(problems())
