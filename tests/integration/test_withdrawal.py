"""What was published is taken back, or what it is about is settled: nobody is bothered with it any more."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.mail import EmailMessage
from django.db import connection, transaction
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from clarion.bus import get_event_bus
from clarion.bus.claims import claim
from clarion.bus.relay import relay
from clarion.delivery import batches, withdrawal
from clarion.events import EventTypes
from clarion.exceptions import InvalidSubject
from clarion.inbox.service import NotificationService
from clarion.jobs import run
from clarion.models import (
    AppNotification,
    EmailNotification,
    EventLog,
    HandlerRun,
    NotifiableEvent,
    RecipientBatch,
    Status,
)
from clarion.notifiers import notify
from clarion.testing import commit
from tests.integration import claim_costs
from tests.integration.clock import let_pass
from tests.integration.conftest import MakePerson
from tests.integration.elsewhere import elsewhere
from tests.integration.email.waiting import up_to_the_mail
from tests.integration.happenings import happen, happenings
from tests.integration.orders import ship, shipping

pytestmark = pytest.mark.django_db


def retract(event: EventLog) -> bool:
    with commit():
        return get_event_bus().retract(event)


def resolve(subject: str = "order:7") -> int:
    with commit():
        return get_event_bus().resolve(subject)


Withdraw = Callable[[EventLog], object]

either_way = pytest.mark.parametrize(
    ("withdraw", "reason"),
    [(retract, "retracted"), (lambda _event: resolve(), "resolved")],
    ids=["retract", "resolve"],
)


def outcome_of(row: Any) -> tuple[str, str, Any]:
    row.refresh_from_db()
    return row.status, row.note, row.due_at


@either_way
class TestWhatHasNotBeenDone:
    @pytest.mark.usefixtures("no_workers")
    @pytest.mark.parametrize("steps", [0, 1, 2], ids=["published", "dispatched", "handled"])
    def test_is_not_done(
        self, alice: User, mailoutbox: list[EmailMessage], withdraw: Withdraw, reason: str, steps: int
    ) -> None:
        event = ship(alice)
        if steps > 0:
            run("dispatch_event", event.pk)
        if steps > 1:
            run("run_handler", event.runs.get().pk)

        withdraw(event)
        run("work", 0)

        assert outcome_of(event) == (Status.CANCELLED, reason, None)
        unfinished = (EventLog, HandlerRun, RecipientBatch)[steps]
        assert outcome_of(unfinished._default_manager.get()) == (Status.CANCELLED, reason, None)
        assert not NotifiableEvent.objects.exists()
        assert mailoutbox == []

    @pytest.mark.usefixtures("no_workers")
    def test_leaves_a_mail_that_waits_unsent(
        self, alice: User, mailoutbox: list[EmailMessage], withdraw: Withdraw, reason: str
    ) -> None:
        event = up_to_the_mail(ship(alice))

        withdraw(event)
        run("work", 0)

        assert outcome_of(EmailNotification.objects.get()) == (Status.CANCELLED, reason, None)
        assert mailoutbox == []

    @pytest.mark.usefixtures("no_workers")
    def test_is_asked_again_before_a_mail_goes_out(
        self, alice: User, mailoutbox: list[EmailMessage], withdraw: Withdraw, reason: str
    ) -> None:
        event = up_to_the_mail(ship(alice))

        withdraw(event)
        run("send_emails", event.pk)  # before any worker has withdrawn the event

        assert outcome_of(EmailNotification.objects.get()) == (Status.CANCELLED, reason, None)
        assert mailoutbox == []

    def test_is_not_done_at_its_later_time_either(self, alice: User, withdraw: Withdraw, reason: str) -> None:
        with commit():
            event = get_event_bus().publish(
                EventTypes.ORDER_SHIPPED, shipping(alice), at=timezone.now() + timedelta(days=1)
            )

        withdraw(event)

        assert outcome_of(event) == (Status.CANCELLED, reason, None)
        let_pass(timedelta(days=2))
        with commit():
            assert relay() == 0
        assert not HandlerRun.objects.exists()

    def test_is_not_done_by_the_handler_that_withdraws_it(
        self, alice: User, withdraw: Withdraw, reason: str
    ) -> None:
        bus = get_event_bus()

        def think_better_of_it(event: EventLog) -> None:
            notify(event, people=[alice])
            # In the handler's own transaction.
            bus.retract(event) if withdraw is retract else bus.resolve("order:7")

        with happenings(think_better_of_it, subject="order:7"):
            event = happen()

        assert outcome_of(event) == (Status.CANCELLED, reason, None)
        assert not AppNotification.objects.exists()

    @pytest.mark.django_db(transaction=True)
    @pytest.mark.parametrize("at_work", ["handler", "batch"])
    @pytest.mark.usefixtures("no_workers")
    def test_is_undone_where_a_worker_is_at_it(
        self,
        alice: User,
        monkeypatch: pytest.MonkeyPatch,
        withdraw: Withdraw,
        reason: str,
        at_work: str,
    ) -> None:
        if not connection.features.has_select_for_no_key_update:
            pytest.skip(f"{connection.vendor}: whoever withdraws waits until the worker has written")

        def meanwhile(event: EventLog) -> None:
            elsewhere(lambda: withdraw(event))
            elsewhere(lambda: run("work", event.pk))

        def tell(event: EventLog) -> None:
            notify(event, people=[alice])
            if at_work == "handler":
                meanwhile(event)

        def at_point(point: str) -> None:
            if (point, at_work) == ("process.after_claim", "batch"):
                meanwhile(EventLog.objects.get())

        monkeypatch.setattr(batches, "fault_point", at_point)
        with happenings(tell, subject="order:7"):
            event = happen()
            run("dispatch_event", event.pk)
            run("run_handler", event.runs.get().pk)
            run("process_notifications", event.pk)

        assert outcome_of(event) == (Status.CANCELLED, reason, None)
        assert not NotifiableEvent.objects.exists()
        assert not AppNotification.objects.exists()


class TestWhatHasBeenDone:
    def test_leaves_the_inbox_if_it_is_retracted(
        self, alice: User, bob: User, mailoutbox: list[EmailMessage]
    ) -> None:
        event, other = ship(alice, bob), ship(alice)

        assert retract(event)

        assert [item.event.event_log for item in AppNotification.objects.all()] == [other]
        assert set(EmailNotification.objects.values_list("status", flat=True)) == {Status.SENT}
        assert outcome_of(event) == (Status.CANCELLED, "retracted", None)

    def test_is_read_and_marked_if_it_is_resolved(self, alice: User, mailoutbox: list[EmailMessage]) -> None:
        event, other = ship(alice), ship(alice, order_id=8)

        assert resolve("order:7") == 1

        item = AppNotification.objects.get(event__event_log=event)
        assert item.is_read
        assert item.read_at is not None
        assert item.resolved_at is not None
        assert NotificationService().get_unread_notifications(alice).get().event.event_log == other
        other.refresh_from_db()
        assert other.status == Status.DONE

    def test_keeps_when_it_was_read(self, alice: User) -> None:
        ship(alice)
        NotificationService().mark_all_as_read(alice)
        read_at = AppNotification.objects.get().read_at

        resolve()

        assert AppNotification.objects.get().read_at == read_at

    def test_is_resolved_for_every_event_of_the_subject(self, alice: User, bob: User) -> None:
        for _ in range(3):
            ship(alice, bob)

        assert resolve() == 3

        assert AppNotification.objects.filter(resolved_at=None).count() == 0

    def test_can_be_retracted_after_it_was_resolved(self, alice: User) -> None:
        event = ship(alice)
        resolve()

        assert retract(event)

        assert not AppNotification.objects.exists()

    def test_is_withdrawn_once(self, alice: User) -> None:
        event = ship(alice)
        assert retract(event)
        assert not retract(event)
        assert resolve() == 0

    @pytest.mark.parametrize("people", [1, 5, 9])
    def test_is_withdrawn_by_chunks_with_every_person_in_one(
        self,
        make_person: MakePerson,
        monkeypatch: pytest.MonkeyPatch,
        django_assert_num_queries: DjangoAssertNumQueries,
        people: int,
    ) -> None:
        monkeypatch.setattr(withdrawal, "CHUNK", 4)
        event = ship(*(make_person() for _ in range(people)))
        with transaction.atomic():
            get_event_bus().retract(event)

        chunks = -(-people // 4)
        with django_assert_num_queries(6 + claim_costs.WITH_SAVEPOINT + 3 * chunks):
            assert withdrawal.withdraw_events(EventLog.objects.all())

        assert not AppNotification.objects.exists()


def test_a_withdrawal_that_is_rolled_back_was_none(alice: User) -> None:
    event = ship(alice)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        get_event_bus().retract(event)
        1 / 0  # noqa: B018

    run("work", 0)

    event.refresh_from_db()
    assert (event.status, event.withdrawal) == (Status.DONE, "")
    assert AppNotification.objects.exists()


def test_what_is_published_of_the_subject_afterwards_is_told(alice: User) -> None:
    ship(alice)
    resolve()
    ship(alice)
    assert NotificationService().get_unread_count(alice) == 1


@pytest.mark.usefixtures("no_workers")
def test_a_withdrawal_whose_worker_died_is_done_by_another(alice: User) -> None:
    event = up_to_the_mail(ship(alice))
    retract(event)
    assert claim(EventLog.objects.filter(pk=event.pk))

    let_pass(timedelta(hours=1))
    run("work", 0)

    assert outcome_of(event) == (Status.CANCELLED, "retracted", None)
    assert not AppNotification.objects.exists()


def test_whoever_is_named_for_a_retracted_event_is_not_told_and_the_row_says_why(alice: User) -> None:
    event = ship()
    retract(event)
    event.refresh_from_db()

    with commit():
        notify(event, people=[alice])

    assert NotifiableEvent.objects.get().outcomes == {
        "app": "skipped:retracted",
        "email": "skipped:retracted",
    }
    assert not AppNotification.objects.exists()


@pytest.mark.parametrize("subject", ["", None, 7, "order:\0"])
def test_no_subject_is_refused_with_a_way_out(subject: Any) -> None:
    with pytest.raises(InvalidSubject, match=r"pass it as the event types make it"):
        get_event_bus().resolve(subject)


def test_a_subject_that_nothing_was_published_of_settles_nothing(alice: User) -> None:
    event = ship(alice)
    assert resolve("order:70") == 0
    assert resolve("order:") == 0
    event.refresh_from_db()
    assert event.status == Status.DONE
