"""Statement: one SQL, and in its slots the values of each question, prepared as their fields would."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from clarion.database.statement import Slot, counting, updating
from clarion.models import EventLog

pytestmark = pytest.mark.django_db


@pytest.fixture
def events() -> list[EventLog]:
    now = timezone.now()
    return [
        EventLog.objects.create(
            event_type="order.shipped",
            payload={},
            lease_token=uuid4(),
            created_at=now - timedelta(hours=hours),
            delete_at=now,
        )
        for hours in range(3)
    ]


def test_each_question_has_its_own_values(events: list[EventLog]) -> None:
    rows = EventLog.objects.filter(
        lease_token=Slot(EventLog, "lease_token"), created_at__lte=Slot(EventLog, "created_at")
    )
    count = counting(rows)

    def found(event: EventLog, moment: datetime) -> int:
        return count(lease_token=event.lease_token, created_at=moment)

    youngest, _, oldest = events
    assert found(oldest, oldest.created_at) == 1
    assert found(youngest, oldest.created_at) == 0
    assert found(youngest, youngest.created_at) == 1


def test_other_values_stay_as_they_were_when_it_was_built(events: list[EventLog]) -> None:
    rows = EventLog.objects.filter(event_type="order.shipped", created_at__lt=Slot(EventLog, "created_at"))
    count = counting(rows)

    youngest, _, oldest = events
    assert count(created_at=youngest.created_at) == 2
    assert count(created_at=oldest.created_at) == 0


def test_an_update_says_how_many_rows_it_was_true_of(events: list[EventLog]) -> None:
    rows = EventLog.objects.filter(lease_token=Slot(EventLog, "lease_token"))
    end = updating(rows, {"note": Slot(EventLog, "note"), "lease_token": None})

    event = events[0]
    assert end(lease_token=event.lease_token, note="seen") == 1
    assert end(lease_token=event.lease_token, note="seen again") == 0
    assert set(EventLog.objects.values_list("note", "lease_token")) == {
        ("seen", None),
        *(("", other.lease_token) for other in events[1:]),
    }
