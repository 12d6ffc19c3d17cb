"""From a published event to what people read: each step leaves its row, and only one."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.db import connections
from pydantic import BaseModel

from clarion.bus import get_event_bus
from clarion.events import EventTypes
from clarion.exceptions import SubjectGone
from clarion.jobs import process_notification, run
from clarion.models import AppNotification, EmailNotification, EventLog, HandlerRun, NotifiableEvent, Status
from clarion.notifiers import notify
from clarion.testing import assert_notified, commit, subscribed
from tests.integration.clock import let_pass
from tests.integration.conftest import MakePerson
from tests.integration.happenings import happen, happenings
from tests.integration.orders import ship

pytestmark = pytest.mark.django_db


def test_a_published_event_reaches_the_inbox_and_the_mailbox_of_each_person(alice: User, bob: User) -> None:
    ship(alice, bob)

    for person in (alice, bob):
        assert_notified(person, EventTypes.ORDER_SHIPPED, channel="app")
        assert_notified(person, EventTypes.ORDER_SHIPPED, channel="email")
        item = AppNotification.objects.get(person=person)
        assert (item.title, item.message, item.link) == ("Shipped: Kite", "Kite is on its way.", "/orders/7/")
    assert sorted(address for message in mail.outbox for address in message.to) == [alice.email, bob.email]


def test_every_step_ends_done_after_one_attempt(alice: User) -> None:
    event = ship(alice)

    for row in (event, HandlerRun.objects.get(), NotifiableEvent.objects.get()):
        assert (row.status, row.attempts, row.error) == (Status.DONE, 1, "")
        assert row.finished_at is not None
        assert row.due_at is None
    assert EmailNotification.objects.get().status == Status.SENT


def test_the_steps_link_back_to_what_led_to_them(alice: User) -> None:
    event = ship(alice)

    told = NotifiableEvent.objects.get()
    assert (told.event_log, told.person, told.event_type) == (event, alice, "order.shipped")
    assert told.run == HandlerRun.objects.get()
    assert told.run.handler == "tests.testapp.notifiers.handle_order_shipped"
    assert told.params == event.payload
    assert (told.link, told.reason) == ("/orders/7/", "because you follow this order")
    assert AppNotification.objects.get().event == EmailNotification.objects.get().event == told


def test_a_handler_is_given_the_event_as_it_was_published() -> None:
    seen = []

    def remember(event: EventLog) -> None:
        seen.append((event.pk, event.event_type, event.payload))

    with happenings(remember):
        event = happen(text="sunny")

    assert seen == [(event.pk, "test.happened", {"text": "sunny"})]


def test_a_handler_can_give_the_texts_other_values_than_the_payload(alice: User) -> None:
    def rephrase(event: EventLog) -> None:
        notify(event, people=[alice], params={"text": "snow"})

    with happenings(rephrase):
        happen(text="rain")

    assert AppNotification.objects.get().message == "It is snow."


def test_running_every_job_again_changes_nothing(alice: User, bob: User) -> None:
    event = ship(alice, bob)
    jobs = [("dispatch_event", event.pk), ("process_notifications", event.pk), ("send_emails", event.pk)]
    jobs += [("run_handler", pk) for pk in HandlerRun.objects.values_list("pk", flat=True)]
    jobs += [("process_notification", pk) for pk in NotifiableEvent.objects.values_list("pk", flat=True)]
    jobs += [("send_email", pk) for pk in EmailNotification.objects.values_list("pk", flat=True)]

    for job, row_id in jobs * 2:
        run(job, row_id)

    assert HandlerRun.objects.count() == 1
    for model in (NotifiableEvent, AppNotification, EmailNotification):
        assert model._default_manager.count() == 2
    assert len(mail.outbox) == 2


def test_a_handler_that_runs_twice_tells_each_person_once(alice: User, bob: User) -> None:
    event = ship(alice, bob)
    HandlerRun.objects.update(status=Status.PENDING, due_at=event.created_at)

    run("run_handler", event.runs.get().pk)
    run("process_notifications", event.pk)

    assert HandlerRun.objects.get().attempts == 2
    assert NotifiableEvent.objects.count() == AppNotification.objects.count() == len(mail.outbox) == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("no_workers")
def test_the_same_hint_at_several_workers_at_once_has_one_effect(make_person: MakePerson) -> None:
    people = [make_person() for _ in range(20)]
    event = ship(*people)
    workers = 4

    def work_at_once(job: str, row_id: int) -> None:
        start = threading.Barrier(workers)

        def work(_: int) -> None:
            try:
                start.wait()
                run(job, row_id)
            finally:
                connections.close_all()

        with ThreadPoolExecutor(workers) as threads:
            list(threads.map(work, range(workers)))

    work_at_once("dispatch_event", event.pk)
    work_at_once("run_handler", event.runs.get().pk)
    work_at_once("process_notifications", event.pk)
    work_at_once("send_emails", event.pk)

    for model in (NotifiableEvent, AppNotification, EmailNotification):
        told = model._default_manager.values_list("person", flat=True)
        assert sorted(told) == [person.pk for person in people]
    assert sorted(message.to[0] for message in mail.outbox) == sorted(person.email for person in people)
    assert set(EmailNotification.objects.values_list("status", "attempts")) == {(Status.SENT, 1)}


@pytest.mark.usefixtures("no_workers")
def test_what_is_urgent_overtakes_what_was_published_before(alice: User) -> None:
    order: list[str] = []

    def note(event: EventLog) -> None:
        order.append(event.event_type)

    with happenings(note, urgent=True), subscribed(note, to="order.shipped"):
        for _ in range(3):
            ship(alice)
        happen()
        run("work", 0)

    assert order == ["test.happened", *["order.shipped"] * 3]


def test_an_unknown_job_is_refused() -> None:
    with pytest.raises(ValueError, match="paint_the_fence"):
        run("paint_the_fence", 1)


def test_a_job_for_a_row_that_is_gone_does_nothing() -> None:
    for job in ("dispatch_event", "run_handler", "process_notification", "process_notifications"):
        run(job, 404)
    for job in ("send_email", "send_emails"):
        run(job, 404)

    assert not EventLog.objects.exists()


class TestANotifiableEventWrittenByHand:
    """The seed's way: a row for a person, and a task for the row."""

    def test_its_task_is_queued_and_carried_out(self, alice: User) -> None:
        params = {"order_id": 7, "item": "Kite", "url": "/orders/7/", "person_ids": [alice.pk]}
        with commit():
            row = NotifiableEvent.objects.create(
                event_type=EventTypes.ORDER_SHIPPED, person=alice, params=params
            )
            get_event_bus().enqueue_task(
                "clarion.jobs.process_notification", {"event_id": row.pk}, EventTypes.ORDER_SHIPPED
            )

        assert_notified(alice, EventTypes.ORDER_SHIPPED, channel="app")
        assert [message.subject for message in mail.outbox] == ["Shipped: Kite"]

    @pytest.mark.usefixtures("no_workers")
    def test_it_can_be_processed_by_a_direct_call(self, alice: User) -> None:
        row = NotifiableEvent.objects.create(
            event_type=EventTypes.ORDER_SHIPPED, person=alice, params={"item": "Kite"}
        )

        process_notification(row.pk)

        assert AppNotification.objects.get(person=alice).title == "Shipped: Kite"

    def test_it_lives_as_long_as_its_event_type_says(self, alice: User) -> None:
        row = NotifiableEvent.objects.create(event_type=EventTypes.ORDER_SHIPPED, person=alice)

        assert row.delete_at - row.created_at == pytest.approx(timedelta(hours=72), abs=timedelta(seconds=5))


class TestAnEventWhoseSubjectIsGone:
    def test_counts_as_done_with_the_reason_as_its_note(self) -> None:
        def look_in_vain(event: EventLog) -> None:
            raise SubjectGone("the order was deleted")

        with happenings(look_in_vain):
            event = happen()

        handler_run = event.runs.get()
        assert (handler_run.status, handler_run.note, handler_run.error) == (
            Status.DONE,
            "the order was deleted",
            "",
        )
        assert event.status == Status.DONE

    def test_keeps_nothing_of_what_its_handler_wrote_before(self, alice: User) -> None:
        def write_and_look_in_vain(event: EventLog) -> None:
            notify(event, people=[alice])
            raise SubjectGone

        with happenings(write_and_look_in_vain):
            happen()

        assert not NotifiableEvent.objects.exists()


class ReportV2(BaseModel):
    text: str
    degrees: int


class TestAnEventOfAnotherVersion:
    @pytest.mark.usefixtures("no_workers")
    def test_reaches_handlers_as_this_version_if_it_is_older(self) -> None:
        seen = []

        def remember(event: EventLog) -> None:
            seen.append(event.payload)

        with happenings():
            event = happen(text="rain")
        upcasters = {1: lambda payload: payload | {"degrees": 9}}
        with happenings(remember, payload=ReportV2, version=2, upcasters=upcasters):
            run("dispatch_event", event.pk)
            run("run_handler", event.runs.get().pk)

        assert seen == [{"text": "rain", "degrees": 9}]

    @pytest.mark.usefixtures("no_workers")
    def test_waits_for_newer_code_if_it_is_newer_and_says_so(self) -> None:
        def never(event: EventLog) -> None:
            raise AssertionError("a handler must not see a payload it cannot read")

        with happenings(payload=ReportV2, version=2):
            event = happen(text="rain", degrees=9)
        with happenings(never):
            run("dispatch_event", event.pk)
            run("run_handler", event.runs.get().pk)

        handler_run = event.runs.get()
        assert handler_run.status == Status.FAILED
        assert handler_run.error == (
            "UnknownPayloadVersion: test.happened: payload_version: got version 2, "
            "expected version 1 or older; fix: deploy the code that published it, then run it again"
        )

    @pytest.mark.usefixtures("no_workers")
    def test_waits_if_its_type_is_not_known_here_and_runs_once_it_is(self) -> None:
        seen = []

        def remember(event: EventLog) -> None:
            seen.append(event.pk)

        with happenings():
            event = happen()
        run("dispatch_event", event.pk)
        event.refresh_from_db()
        assert event.status == Status.FAILED
        assert event.error.startswith("UnknownEventType: event_type: got 'test.happened'")

        let_pass(timedelta(minutes=1))
        with happenings(remember):
            run("dispatch_event", event.pk)
            run("run_handler", event.runs.get().pk)

        assert seen == [event.pk]
