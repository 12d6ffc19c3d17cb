"""`manage.py clarion cleanup`: what has expired goes, and with --dry-run it is only counted."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User

from clarion.models import AppNotification, EventLog
from tests.integration.clock import let_pass
from tests.integration.commands.command import clarion
from tests.integration.orders import ship

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def test_what_has_expired_is_deleted_and_counted_by_model(alice: User, bob: User) -> None:
    ship(alice, bob)
    let_pass(4 * DAY)
    kept = ship(alice)

    assert clarion("cleanup").splitlines() == [
        "clarion.AppNotification: 2 deleted",
        "clarion.EmailNotification: 2 deleted",
        "clarion.NotifiableEvent: 2 deleted",
        "clarion.RecipientBatch: 1 deleted",
        "clarion.HandlerRun: 1 deleted",
        "clarion.EventLog: 1 deleted",
    ]
    assert list(EventLog.objects.all()) == [kept]
    assert AppNotification.objects.get().event.event_log_id == kept.pk


def test_a_dry_run_counts_and_deletes_nothing(alice: User) -> None:
    ship(alice)
    let_pass(4 * DAY)

    for _ in range(2):
        counts = clarion("cleanup", "--dry-run").splitlines()
        assert counts[:2] == [
            "clarion.AppNotification: 1 expired",
            "clarion.EmailNotification: 1 expired",
        ]
    assert EventLog.objects.count() == AppNotification.objects.count() == 1


def test_what_has_not_expired_or_is_not_finished_stays(no_workers: None, alice: User) -> None:
    ship(alice)
    let_pass(4 * DAY)

    assert set(clarion("cleanup").splitlines()) == {
        f"clarion.{model}: 0 deleted"
        for model in (
            *("AppNotification", "EmailNotification", "NotifiableEvent"),
            *("RecipientBatch", "HandlerRun", "EventLog"),
        )
    }
    assert EventLog.objects.count() == 1, "no worker has seen it yet"
