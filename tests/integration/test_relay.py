"""The relay offers again what is due and unclaimed: losing every hint loses nothing."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.db.models import F
from pytest_django import Settings

from clarion.bus.claims import claim
from clarion.bus.relay import relay
from clarion.exceptions import EngineUnavailable
from clarion.jobs import run
from clarion.models import (
    AppNotification,
    EmailNotification,
    EventLog,
    HandlerRun,
    NotifiableEvent,
    NotificationPreference,
    RecipientBatch,
    Status,
    Work,
)
from clarion.testing import commit
from tests.integration.clock import let_pass
from tests.integration.conftest import MakePerson
from tests.integration.engines import BrokenEngine, RecordingEngine
from tests.integration.happenings import happen, happenings
from tests.integration.orders import ship

pytestmark = pytest.mark.django_db

Hints = list[tuple[str, int]]
A_MINUTE = timedelta(minutes=1)
LEASE = timedelta(minutes=5)


def dispatch(event: EventLog) -> None:
    run("dispatch_event", event.pk)


def handle(event: EventLog) -> None:
    dispatch(event)
    run("run_handler", event.runs.get().pk)


def process(event: EventLog) -> None:
    handle(event)
    run("process_notifications", event.pk)


def outlive_workers() -> None:
    """Have one worker after another do what is due, until those that die of it have used up its attempts."""
    for _ in range(5):
        let_pass(LEASE + A_MINUTE)
        relay()
        with suppress(SystemExit):
            run("work", 0)


Reach = Callable[[EventLog], None]

stages = pytest.mark.parametrize(
    "reach",
    [lambda event: None, dispatch, handle, process],
    ids=["published", "dispatched", "handled", "processed"],
)


@stages
def test_a_worker_is_woken_for_what_lost_its_hint(reach: Reach, hints: Hints, alice: User) -> None:
    reach(ship(alice))
    hints.clear()
    let_pass(A_MINUTE)

    assert relay() == 1
    assert hints == [("work", 0)]


@stages
def test_what_lost_its_hint_goes_all_the_way_after_all(reach: Reach, settings: Settings, alice: User) -> None:
    immediate = settings.CLARION
    settings.CLARION = {**immediate, "ENGINE": "clarion.bus.engines.dummy.DummyEngine"}
    event = ship(alice)
    reach(event)

    settings.CLARION = immediate
    let_pass(A_MINUTE)
    with commit():
        relay()

    assert AppNotification.objects.count() == len(mail.outbox) == 1


@pytest.mark.parametrize("reached", [0, 1], ids=["written", "processed"])
def test_a_notifiable_event_without_an_event_goes_all_the_way_too(
    reached: int, no_workers: None, settings: Settings, alice: User
) -> None:
    params = {"order_id": 7, "item": "Kite", "url": "/orders/7/", "person_ids": []}
    row = NotifiableEvent.objects.create(event_type="order.shipped", person=alice, params=params)
    if reached:
        run("process_notification", row.pk)
    let_pass(A_MINUTE)

    settings.CLARION = {**settings.CLARION, "ENGINE": "clarion.bus.engines.immediate.ImmediateEngine"}
    with commit():
        relay()

    assert AppNotification.objects.count() == len(mail.outbox) == 1


def test_what_has_just_been_hinted_at_is_left_to_its_hint(hints: Hints, alice: User) -> None:
    ship(alice)
    hints.clear()

    assert relay() == 0
    assert hints == []


def test_what_a_worker_has_is_left_to_it(hints: Hints) -> None:
    def look(event: EventLog) -> None:
        hints.clear()
        let_pass(LEASE - timedelta(seconds=10))
        relay()

    with happenings(look):
        handle(happen())

    assert hints == []


@pytest.mark.usefixtures("hints")
def test_what_is_finished_is_left_alone(alice: User) -> None:
    event = ship(alice)
    process(event)
    run("send_emails", event.pk)
    let_pass(timedelta(hours=1))

    assert relay() == 0


def test_what_a_dead_worker_left_is_offered_when_its_lease_has_run_out(hints: Hints) -> None:
    def die(event: EventLog) -> None:
        raise SystemExit

    with happenings(die):
        event = happen()
        with pytest.raises(SystemExit):
            handle(event)
        hints.clear()

        let_pass(LEASE - timedelta(seconds=10))
        assert relay() == 0
        let_pass(timedelta(seconds=20))
        assert relay() == 1

    assert hints == [("work", 0)]


@pytest.mark.parametrize(("overdue", "woken"), [(0, 0), (1, 1), (3, 3), (8, 8), (20, 8)])
def test_more_workers_are_woken_for_more_work_but_no_crowd(
    overdue: int, woken: int, hints: Hints, alice: User
) -> None:
    for _ in range(overdue):
        ship(alice)
    hints.clear()
    let_pass(A_MINUTE)

    assert relay() == len(hints) == woken


@pytest.mark.parametrize(("waiting", "offered"), [(0, 4), (999, 4), (1000, 0), (5000, 0)])
def test_a_long_queue_is_made_no_longer(
    waiting: int, offered: int, hints: Hints, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RecordingEngine, "waiting", waiting)
    for _ in range(4):
        ship(alice)
    hints.clear()
    let_pass(A_MINUTE)

    assert relay() == len(hints) == offered


def test_a_broker_that_is_away_is_said_to_be(settings: Settings, alice: User) -> None:
    path = f"{BrokenEngine.__module__}.{BrokenEngine.__qualname__}"
    settings.CLARION = {**settings.CLARION, "ENGINE": path}

    with pytest.raises(EngineUnavailable):
        relay()


class TestHopelessWork:
    """What used up its attempts without an outcome: its worker was killed each time."""

    def test_is_buried_after_its_last_attempt(self, settings: Settings) -> None:
        settings.CLARION = {**settings.CLARION, "MAX_ATTEMPTS": 3}

        def die(event: EventLog) -> None:
            raise SystemExit

        with happenings(die):
            with pytest.raises(SystemExit):
                happen()
            for _ in range(2):
                let_pass(LEASE + A_MINUTE)
                with pytest.raises(SystemExit), commit():
                    relay()
            let_pass(LEASE + A_MINUTE)
            with commit():
                assert relay() == 0

        handler_run = HandlerRun.objects.get()
        assert (handler_run.status, handler_run.attempts) == (Status.DEAD, 3)
        assert handler_run.error == "every attempt ended with its worker"
        assert (handler_run.due_at, handler_run.lease_token) == (None, None)
        event = EventLog.objects.get()
        assert (event.status, event.error) == (Status.DEAD, f"gave up: {handler_run.handler}")

    @pytest.mark.usefixtures("hints")
    @pytest.mark.parametrize(
        "model", [EventLog, HandlerRun, RecipientBatch, NotifiableEvent, EmailNotification]
    )
    def test_is_buried_whatever_kind_it_is(self, model: type[Work], alice: User) -> None:
        process(ship(alice))
        rows = model._default_manager.all()
        rows.update(status=Status.RUNNING, attempts=8, due_at=F("created_at"))

        relay()

        assert (rows.get().status, rows.get().error) == (Status.DEAD, "every attempt ended with its worker")
        assert rows.get().finished_at is not None

    @pytest.mark.usefixtures("hints")
    def test_is_not_an_event_that_waits_for_its_handlers(self, alice: User) -> None:
        dispatch(ship(alice))
        EventLog.objects.update(attempts=8)
        let_pass(timedelta(hours=1))

        relay()

        assert EventLog.objects.get().status == Status.RUNNING

    @pytest.mark.usefixtures("hints")
    def test_is_not_what_is_at_its_last_attempt_just_now(self, alice: User) -> None:
        process(ship(alice))
        rows = EmailNotification.objects.all()
        rows.update(attempts=7)
        let_pass(A_MINUTE)
        claim(rows)

        relay()

        assert (rows.get().status, rows.get().attempts) == (Status.RUNNING, 8)

    def test_lets_other_people_s_notifications_through(
        self, make_person: MakePerson, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        settings.CLARION = {**settings.CLARION, "MAX_ATTEMPTS": 3}
        people = [make_person() for _ in range(4)]

        NotificationPreference.objects.create(person=people[1])

        def die(preference: NotificationPreference, name: str) -> None:
            raise SystemExit

        monkeypatch.setattr(NotificationPreference, "for_category", die)
        with pytest.raises(SystemExit):
            ship(*people)
        assert not AppNotification.objects.exists()

        for _ in range(4):
            let_pass(LEASE + A_MINUTE)
            try:
                with commit():
                    relay()
            except SystemExit:
                continue

        told = dict(NotifiableEvent.objects.order_by("pk").values_list("person", "status"))
        assert list(told.values()) == [Status.DONE, Status.DEAD, Status.DONE, Status.DONE]
        assert AppNotification.objects.count() == 3

    @pytest.mark.usefixtures("hints")
    def test_lets_other_handlers_run(self, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
        settings.CLARION = {**settings.CLARION, "MAX_ATTEMPTS": 3}
        done = []

        def die_of_hail(event: EventLog) -> None:
            if event.payload["text"] == "hail":
                raise SystemExit
            done.append(event.payload["text"])

        # Who is killed does not even put back what was not begun.
        monkeypatch.setattr("clarion.bus.heartbeat.put_back_unbegun", lambda rows: None)
        with happenings(die_of_hail):
            for text in ("rain", "hail", "snow"):
                dispatch(happen(text=text))
            outlive_workers()

        assert sorted(done) == ["rain", "snow"]
        statuses = HandlerRun.objects.order_by("pk").values_list("status", flat=True)
        assert list(statuses) == [Status.DONE, Status.DEAD, Status.DONE]

    @pytest.mark.usefixtures("hints")
    def test_lets_other_batches_through(
        self, make_person: MakePerson, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        settings.CLARION = {**settings.CLARION, "MAX_ATTEMPTS": 3}
        first, deadly, last = (make_person() for _ in range(3))
        for person in (first, deadly, last):
            handle(ship(person))

        def die(person: User) -> str:
            if person == deadly:
                raise SystemExit
            return "en"

        # Even to write them down one by one takes their languages.
        monkeypatch.setattr(User, "language", property(die), raising=False)
        outlive_workers()

        statuses = RecipientBatch.objects.order_by("pk").values_list("status", flat=True)
        assert list(statuses) == [Status.DONE, Status.DEAD, Status.DONE]
        told = AppNotification.objects.order_by("pk").values_list("person", flat=True)
        assert list(told) == [first.pk, last.pk]
