"""Tasks: jobs that are enqueued by name."""

import pytest
from django.db import transaction

from clarion.bus import get_event_bus
from clarion.exceptions import InvalidTask, UnknownEventType
from clarion.testing import commit

pytestmark = pytest.mark.django_db

Hints = list[tuple[str, int]]


class TestEnqueuingATask:
    def test_takes_a_job_by_name_or_by_path(self, hints: Hints) -> None:
        with commit():
            for task in ("process_notification", "clarion.jobs.process_notification"):
                get_event_bus().enqueue_task(task, {"event_id": 7}, "order.shipped")

        assert hints == [("process_notification", 7)] * 2

    def test_is_undone_with_the_transaction(self, hints: Hints) -> None:
        with commit(), transaction.atomic():
            get_event_bus().enqueue_task("process_notification", {"event_id": 7}, "order.shipped")
            transaction.set_rollback(True)

        assert hints == []

    def test_refuses_a_job_there_is_not(self, hints: Hints) -> None:
        with pytest.raises(InvalidTask) as caught, commit():
            get_event_bus().enqueue_task("apps.tasks.process_everything", {"event_id": 7}, "order.shipped")

        assert str(caught.value) == (
            "task: got 'apps.tasks.process_everything', expected one of work, dispatch_event, "
            "run_handler, process_notification, process_notifications, send_email, send_emails, relay, "
            "cleanup; "
            "fix: name a job of clarion.jobs"
        )
        assert hints == []

    @pytest.mark.parametrize(
        ("params", "got"),
        [
            ({}, "keys []"),
            ({"event_id": "7"}, "keys ['event_id']"),
            ({"event_id": True}, "keys ['event_id']"),
            ({"event_id": 7, "name": "Kite"}, "keys ['event_id', 'name']"),
        ],
    )
    def test_refuses_anything_but_one_number(self, hints: Hints, params: dict[str, int], got: str) -> None:
        with pytest.raises(InvalidTask) as caught, commit():
            get_event_bus().enqueue_task("process_notification", params, "order.shipped")

        assert str(caught.value) == (
            f'params: got {got}, expected one name with an int; fix: pass {{"event_id": notifiable_event.id}}'
        )
        assert hints == []

    def test_refuses_an_unknown_event_type(self, hints: Hints) -> None:
        with pytest.raises(UnknownEventType), commit():
            get_event_bus().enqueue_task("process_notification", {"event_id": 7}, "order.lost")

        assert hints == []
