"""The product changes while events are in flight: people, preferences, and what is kept."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

from chaos.expectation import Expectation
from chaos.faults.base import Fault
from chaos.publisher import Order
from chaos.world import World

CHANGES_MIND = 1
"""A person, by number."""

ERASES, CANCELS = Expectation(erases=True), Expectation(cancels={CHANGES_MIND})
LONG = Order(start=1, count=40, pause=0.05)


def _meanwhile(change: Callable[[int], None], times: int = 5) -> Callable[[World], None]:
    def scenario(world: World) -> None:
        world.begin()
        publishing = world.publish(LONG)
        for turn in range(times):
            threading.Event().wait(0.4)
            world.strike()
            change(turn)
        publishing.result()

    return scenario


def _delete_person(turn: int) -> None:
    from django.contrib.auth import get_user_model
    from django.db import IntegrityError

    while True:
        try:
            get_user_model()._default_manager.filter(pk=turn + 1).delete()
        except IntegrityError:  # told of something else between Django's look at what hangs from them and now
            continue
        return


def _change_preference(turn: int) -> None:
    from clarion.models import NotificationPreference

    choices = NotificationPreference.Type
    preference, _ = NotificationPreference.objects.get_or_create(person_id=CHANGES_MIND)
    preference.categories["chaos"] = (choices.NONE if turn % 2 == 0 else choices.BOTH).value
    preference.save()


def _retain(world: World) -> None:
    """Clean up in a loop, while half of what is in flight is past its time already."""
    from django.db import OperationalError
    from django.utils import timezone

    from clarion.delivery.retention import cleanup
    from clarion.models import EventLog, HandlerRun, NotifiableEvent
    from clarion.models.work import UNFINISHED

    world.begin()
    publishing = world.publish(LONG)
    world.strike()
    while not publishing.done():
        past = timezone.now() - timedelta(days=1)
        for model in (EventLog, HandlerRun, NotifiableEvent):
            rows = model._default_manager.filter(status__in=UNFINISHED)
            keys = [key for key in rows.values_list("pk", flat=True) if key % 2]
            with suppress(OperationalError):  # MariaDB: a deadlock with those at work on them
                rows.filter(pk__in=keys).update(delete_at=past)
        cleanup()
        threading.Event().wait(0.05)


def _publish_fifty_times(world: World) -> None:
    world.begin()
    world.strike()
    world.publish(Order(start=1, count=3, copies=50))


FAULTS = [
    Fault("same event published 50 times at once", _publish_fifty_times, quick=True),
    Fault(
        "people deleted in mid-flight",
        _meanwhile(_delete_person),
        excuses=ERASES,
        quick=True,
    ),
    Fault("preference changed in mid-flight", _meanwhile(_change_preference), excuses=CANCELS),
    Fault("clean-up in a loop, half past its time", _retain),
]
