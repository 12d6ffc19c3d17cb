"""The pytest plugin: fixtures for projects that use Clarion.

pytest loads it in every project of an environment, so nothing here imports Django before a fixture is used.
The fixtures need pytest-django.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from subprocess import Popen

    from pytest_django import Settings

    from clarion.models import NotifiableEvent

IMMEDIATE = "clarion.bus.engines.immediate.ImmediateEngine"
DJANGO_Q2 = "clarion.contrib.django_q2.engine.DjangoQ2Engine"


@pytest.fixture
def clarion_immediate(db: None, settings: Settings) -> Callable[[], AbstractContextManager[None]]:
    """The immediate engine, whatever the project uses, and `clarion.testing.commit` to set it going.

    ```python
    def test_the_owner_is_told(clarion_immediate, owner):
        with clarion_immediate():
            ProductManagementService.create_product({"name": "Kite"}, owner)
        assert_notified(owner, EventTypes.PRODUCT_CREATED)
    ```
    """
    from clarion.testing import commit

    _use_engine(settings, IMMEDIATE)
    return commit


@pytest.fixture
def wait_for_notifications() -> Callable[..., list[NotifiableEvent]]:
    """`clarion.testing.wait_for_notifications(filter_kwargs, expected_count=1, timeout=10)`."""
    from clarion.testing import wait_for_notifications

    return wait_for_notifications


@pytest.fixture
def clarion_cluster_settings() -> Mapping[str, Any]:
    """Settings that the cluster of `clarion_cluster` gets on top of the project's; override it to give some.

    Values must be picklable. `CLARION` and the databases of the test are passed on in any case.
    """
    return {}


@pytest.fixture
def clarion_cluster(
    transactional_db: None, settings: Settings, clarion_cluster_settings: Mapping[str, Any]
) -> Iterator[Popen[bytes]]:
    """A running Django-Q2 cluster, the engine that feeds it, and a queue that is empty before and after.

    The cluster works on the test's database. Yields its main process, in a process group of its own;
    what it prints is captured as the test's own output.
    """
    from clarion.testing.cluster import clear_queue, running_cluster

    _use_engine(settings, DJANGO_Q2)
    clear_queue()
    with running_cluster(clarion_cluster_settings) as process:
        yield process
    clear_queue()


def _use_engine(settings: Settings, path: str) -> None:
    settings.CLARION = {**getattr(settings, "CLARION", {}), "ENGINE": path}
