"""What is past its time goes in batches, so that others wait for no more than one of them."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone

from clarion.delivery.retention import cleanup
from clarion.jobs import run
from clarion.models import AppNotification, EmailNotification, EventLog, Status
from clarion.testing import commit
from tests.integration.clock import let_pass
from tests.integration.conftest import MakePerson
from tests.integration.orders import ship

pytestmark = pytest.mark.django_db

EXPIRED = timedelta(hours=73)


def test_no_statement_deletes_more_than_a_batch(
    make_person: MakePerson, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clarion.delivery.retention.BATCH", 2)
    ship(*(make_person() for _ in range(5)))
    let_pass(EXPIRED)
    deleted = []

    def watch(execute: Callable[..., Any], sql: str, *others: Any) -> Any:
        result = execute(sql, *others)
        if sql.startswith("DELETE"):
            deleted.append(others[-1]["cursor"].rowcount)
        return result

    with connection.execute_wrapper(watch):
        assert cleanup()["clarion.AppNotification"] == 5

    assert deleted == [2, 2, 1] * 3 + [1, 1, 1]  # items, mails, what links them to people; then their event
    assert not EventLog.objects.exists()


def test_past_its_deadline_each_model_gives_one_batch_more(
    make_person: MakePerson, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clarion.delivery.retention.BATCH", 2)
    ship(*(make_person() for _ in range(5)))
    let_pass(EXPIRED)

    deleted = cleanup(deadline=time.monotonic())

    assert deleted["clarion.AppNotification"] == deleted["clarion.EmailNotification"] == 2
    assert AppNotification.objects.count() == 3


def test_what_must_stay_keeps_nothing_behind_it_from_going(
    make_person: MakePerson, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clarion.delivery.retention.BATCH", 2)
    ship(*(make_person() for _ in range(6)))
    let_pass(EXPIRED)
    mails = EmailNotification.objects.order_by("pk")
    unsent = [mail.pk for mail in mails[:4]]
    mails.filter(pk__in=unsent).update(status=Status.PENDING)

    assert cleanup()["clarion.EmailNotification"] == 2
    assert [mail.pk for mail in mails] == unsent


def test_the_job_continues_in_a_job_of_its_own_while_there_is_more(
    hints: list[tuple[str, int]], alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clarion.delivery.retention.BATCH", 1)
    monkeypatch.setattr("clarion.jobs.JOB_TIME", timedelta(0))
    EventLog.objects.bulk_create(
        EventLog(
            event_type="order.shipped",
            payload={},
            status=Status.DONE,
            delete_at=timezone.now() - timedelta(days=1),
        )
        for _ in range(2)
    )

    rounds, more = 0, True
    while more:
        hints.clear()
        with commit():
            run("cleanup", 0)
        rounds, more = rounds + 1, hints == [("cleanup", 0)]

    assert rounds == 3
    assert not EventLog.objects.exists()
