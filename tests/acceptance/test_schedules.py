"""The jobs that keep the pipeline going are installed with the app, on the engine's own scheduler."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from django_q.models import Schedule

from clarion.models import (
    AppNotification,
    EmailNotification,
    EventLog,
    HandlerRun,
    NotifiableEvent,
    RecipientBatch,
)
from tests.acceptance import broker, story
from tests.acceptance.waiting import wait_for
from tests.acceptance.workshop import Workshop

pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.proves_most_on("postgres", reason="only a server lets several processes write at once"),
]


def schedules() -> dict[str, tuple[str, str, int | None]]:
    """Return what each schedule runs, how often, and after how many minutes."""
    rows = Schedule.objects.values_list("name", "func", "args", "schedule_type", "minutes")
    found = {name: (f"{func}({args})", kind, minutes) for name, func, args, kind, minutes in rows}
    assert len(found) == len(rows), "each schedule is there once"
    return found


def reschedule(name: str, minutes: int) -> None:
    Schedule.objects.filter(name=name).update(minutes=minutes)


def expire_everything() -> None:
    yesterday = timezone.now() - timedelta(days=1)
    for model in (AppNotification, EmailNotification, NotifiableEvent, RecipientBatch, HandlerRun, EventLog):
        model._default_manager.update(delete_at=yesterday)


def test_migrating_installs_each_schedule_once_and_leaves_edited_ones_alone(workshop: Workshop) -> None:
    installed = workshop.call(schedules)
    assert installed == {
        "clarion-relay": ("clarion.jobs.run('relay', 0)", Schedule.MINUTES, 1),
        "clarion-cleanup": ("clarion.jobs.run('cleanup', 0)", Schedule.HOURLY, None),
    }

    workshop.manage("migrate", "--verbosity=0")
    assert workshop.call(schedules) == installed

    workshop.call(reschedule, "clarion-relay", 5)
    workshop.manage("migrate", "--verbosity=0")
    assert workshop.call(schedules) == {
        **installed,
        "clarion-relay": ("clarion.jobs.run('relay', 0)", Schedule.MINUTES, 5),
    }


def test_the_scheduled_relay_finds_what_has_lost_its_hint(workshop: Workshop) -> None:
    workshop.call(story.create_products, ["Lamp"], "erin")
    workshop.call(broker.lose_hints)
    workshop.call(story.let_an_hour_pass)
    workshop.call(broker.run_schedules)
    with workshop.cluster():
        tally = workshop.wait_until_settled()
    assert (tally.events, tally.sent) == (1, 1)


def test_the_scheduled_clean_up_deletes_what_has_expired(workshop: Workshop) -> None:
    with workshop.cluster():
        workshop.call(story.create_products, ["Lamp"], "erin")
        workshop.wait_until_settled()
        workshop.call(expire_everything)
        workshop.call(broker.run_schedules)
        wait_for(lambda: workshop.call(story.tally).events == 0, "the event to be deleted")
    tally = workshop.call(story.tally)
    assert (tally.told, tally.app_notifications, tally.emails) == (0, 0, 0)
    assert tally.products == 1
