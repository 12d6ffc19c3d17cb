"""clarion_cluster: real workers on the test's own database."""

import os
import signal
import subprocess
from collections.abc import Callable

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.db import connection
from django_q.tasks import async_task

from clarion.bus import get_event_bus
from clarion.models import AppNotification, NotifiableEvent
from clarion.testing import running_cluster
from clarion.testing.cluster import clear_queue
from tests.integration.orders import shipping

pytestmark = pytest.mark.acceptance

Wait = Callable[..., list[NotifiableEvent]]


def queued() -> int:
    return int(apps.get_model("django_q", "OrmQ")._default_manager.count())


def test_what_is_published_reaches_people_through_real_workers(
    clarion_cluster: subprocess.Popen[bytes], wait_for_notifications: Wait, alice: User, bob: User
) -> None:
    get_event_bus().publish("order.shipped", shipping(alice, bob))

    rows = wait_for_notifications({"status": "done"}, expected_count=2, timeout=40)

    assert {row.person for row in rows} == {alice, bob}
    assert AppNotification.objects.count() == 2
    assert clarion_cluster.poll() is None


def test_the_cluster_is_in_a_group_of_its_own(clarion_cluster: subprocess.Popen[bytes]) -> None:
    assert os.getpgid(clarion_cluster.pid) == clarion_cluster.pid != os.getpgid(0)


@pytest.mark.django_db(transaction=True)
def test_the_cluster_stops_when_its_block_is_left() -> None:
    with running_cluster({}) as process:
        assert process.poll() is None

    assert process.returncode is not None
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)


@pytest.mark.django_db(transaction=True)
def test_a_cluster_that_hangs_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clarion.testing.cluster.STOPPING", 0.2)
    with running_cluster({}) as process:
        os.kill(process.pid, signal.SIGSTOP)

    # Which of the two signals a stopped process dies of is the kernel's choice.
    assert -process.returncode in (signal.SIGTERM, signal.SIGKILL)


@pytest.mark.django_db(transaction=True)
def test_a_cluster_may_be_killed_by_the_test() -> None:
    with running_cluster({}) as process:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(30)


@pytest.mark.django_db(transaction=True)
def test_a_cluster_that_cannot_start_says_so() -> None:
    with (
        pytest.raises(RuntimeError, match="the cluster ended by itself, with exit code 1"),
        running_cluster({"INSTALLED_APPS": ["no.such.app"]}) as process,
    ):
        process.wait(30)


@pytest.mark.django_db
def test_a_database_that_a_cluster_cannot_see_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "is_in_memory_db", lambda: True, raising=False)

    with pytest.raises(RuntimeError) as caught, running_cluster({}):
        pass

    assert str(caught.value) == (
        'the test database "default" is in memory, where a cluster cannot see it; '
        'fix: set DATABASES["default"]["TEST"] = {"NAME": BASE_DIR / "test.sqlite3"}'
    )


@pytest.mark.django_db
def test_the_queue_can_be_cleared() -> None:
    async_task("clarion.jobs.run", "relay", 0)
    assert queued() == 1

    clear_queue()

    assert queued() == 0
