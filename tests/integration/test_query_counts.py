"""How many statements each step takes, and that they do not grow with the number of people."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from zoneinfo import available_timezones

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from clarion.bus import get_event_bus
from clarion.bus.claims import claim
from clarion.database.clock import Now
from clarion.delivery import sender
from clarion.jobs import run
from clarion.models import (
    Cadence,
    EmailNotification,
    EventLog,
    NotifiableEvent,
    NotificationPreference,
    RecipientBatch,
)
from clarion.notifiers import notify
from clarion.testing import commit
from tests.integration import claim_costs
from tests.integration.claim_costs import IN_TWO_STEPS
from tests.integration.clock import let_pass
from tests.integration.orders import ship, shipping

pytestmark = pytest.mark.django_db

TRANSACTION_CONTROL = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "SET SESSION TRANSACTION")
ENGINES = {
    "dummy": "clarion.bus.engines.dummy.DummyEngine",
    "Django-Q2": "clarion.contrib.django_q2.engine.DjangoQ2Engine",
}


@contextmanager
def statements() -> Iterator[list[str]]:
    """Collect the statements of the block, but for those that begin and end transactions."""
    collected: list[str] = []
    with CaptureQueriesContext(connection) as queries:
        yield collected
    collected += [
        query["sql"] for query in queries.captured_queries if not query["sql"].startswith(TRANSACTION_CONTROL)
    ]


@pytest.fixture
def make_people(db: None) -> Callable[[int], list[User]]:
    def make_people(count: int) -> list[User]:
        first = User.objects.count()
        return User.objects.bulk_create(
            User(username=f"person-{number}", email=f"person-{number}@people.example")
            for number in range(first, first + count)
        )

    return make_people


MakePeople = Callable[[int], list[User]]


@pytest.mark.parametrize(("engine", "for_the_hint"), [("dummy", 0), ("Django-Q2", 1)])
@pytest.mark.parametrize(("key", "for_the_event"), [(None, 1), ("order-7", 2)])
class TestPublishing:
    """At most three, with the hint that follows the commit."""

    @pytest.fixture(autouse=True)
    def _engine(self, engine: str, settings: Settings) -> None:
        settings.CLARION = {**settings.CLARION, "ENGINE": ENGINES[engine]}
        with commit():  # the first hint of a process sets up its broker
            get_event_bus().enqueue_task("process_notification", {"event_id": 0}, "order.shipped")

    def test_within_a_transaction(
        self, key: str | None, for_the_event: int, for_the_hint: int, alice: User
    ) -> None:
        with statements() as taken, commit(), transaction.atomic():
            get_event_bus().publish("order.shipped", shipping(alice), idempotency_key=key)

        assert len(taken) == for_the_event + for_the_hint, taken

    @pytest.mark.django_db(transaction=True)
    def test_without_a_transaction(
        self, key: str | None, for_the_event: int, for_the_hint: int, alice: User
    ) -> None:
        with statements() as taken:
            get_event_bus().publish("order.shipped", shipping(alice), idempotency_key=key)

        assert len(taken) == for_the_event + for_the_hint, taken

    def test_the_same_again(
        self, key: str | None, for_the_event: int, for_the_hint: int, alice: User
    ) -> None:
        get_event_bus().publish("order.shipped", shipping(alice), idempotency_key=key)
        with statements() as taken, commit(), transaction.atomic():
            get_event_bus().publish("order.shipped", shipping(alice), idempotency_key=key)

        assert len(taken) == for_the_event + for_the_hint, taken


@pytest.mark.usefixtures("no_workers")
class TestThatDoNotGrowWithPeople:
    FEW, MANY = 60, 900
    MOST = 15 + 2 * claim_costs.STATEMENTS
    """To process them."""

    @pytest.fixture(autouse=True)
    def _however_slow_the_machine(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A worker that has been at a batch for a second asks if it is still its own."""
        monkeypatch.setattr(sender, "TRUST", timedelta(hours=1))

    def test_naming_them(self, make_people: MakePeople) -> None:
        def statements_for(count: int) -> int:
            event = ship()
            people = User.objects.filter(pk__in=[person.pk for person in make_people(count)])
            with statements() as taken:
                assert notify(event, people=people) == count
            return len(taken)

        assert statements_for(self.FEW) == statements_for(self.MANY) <= 4

    def test_naming_them_from_a_list(self, make_people: MakePeople) -> None:
        def statements_for(count: int) -> int:
            event, people = ship(), make_people(count)
            with statements() as taken:
                assert notify(event, people=people) == count
            return len(taken)

        assert statements_for(self.FEW) == statements_for(self.MANY) == 3

    def test_processing_them(self, make_people: MakePeople) -> None:
        assert (
            self._processing(make_people(self.FEW)) == self._processing(make_people(self.MANY)) <= self.MOST
        )

    def test_processing_them_when_they_chose_differently(self, make_people: MakePeople) -> None:
        def mixed(count: int) -> list[User]:
            people = make_people(count)
            NotificationPreference.objects.bulk_create(
                NotificationPreference(person=person, categories={"orders": choice})
                for person, choice in zip(people, ["apps", "email", "both", "none"] * count, strict=False)
            )
            return people

        assert self._processing(mixed(self.FEW)) == self._processing(mixed(self.MANY)) <= self.MOST

    def test_processing_them_when_they_want_digests_each_by_their_own_clock(
        self, make_people: MakePeople
    ) -> None:
        zones = sorted(available_timezones())[::7]

        def waiting(count: int) -> list[User]:
            people = make_people(count)
            NotificationPreference.objects.bulk_create(
                NotificationPreference(person=person, cadences={"orders": cadence}, time_zone=zone)
                for person, cadence, zone in zip(
                    people, [*Cadence.values, *Cadence.values] * count, zones * count, strict=False
                )
            )
            return people

        assert self._processing(waiting(self.FEW)) == self._processing(waiting(self.MANY)) <= self.MOST

    def test_sending_digests_but_for_one_to_fix_and_one_to_record_each(self, make_people: MakePeople) -> None:
        def statements_for(count: int, notifications: int) -> int:
            people = make_people(count)
            NotificationPreference.objects.bulk_create(
                NotificationPreference(person=person, cadences={"orders": "daily"}) for person in people
            )
            events = [ship() for _ in range(notifications)]
            for event in events:
                notify(event, people=people)
                run("process_notifications", event.pk)
            EmailNotification.objects.filter(person__in=people).update(due_at=Now())
            with statements() as taken:
                run("send_emails", events[0].pk)
            assert set(EmailNotification.objects.values_list("status", flat=True)) == {"sent"}
            return len(taken) - 2 * count

        assert statements_for(5, 2) == statements_for(40, 2) == statements_for(5, 8)

    def test_processing_them_again(self, make_people: MakePeople) -> None:
        def again(count: int) -> int:
            event = ship()
            notify(event, people=make_people(count))
            run("process_notifications", event.pk)
            with statements() as taken:
                run("process_notifications", event.pk)
            return len(taken)

        assert again(self.FEW) == again(self.MANY) <= 4

    def test_processing_those_with_whom_a_worker_died(self, make_people: MakePeople) -> None:
        def taken_over(count: int) -> int:
            people = make_people(count)
            event = ship()
            notify(event, people=people)
            claim(RecipientBatch.objects.filter(run__event=event))
            let_pass(timedelta(hours=1))
            with statements() as taken:
                run("process_notifications", event.pk)
            assert NotifiableEvent.objects.filter(event_log=event, status="done").count() == count
            return len(taken)

        # Five hundred are told at a time.
        assert taken_over(self.FEW) == taken_over(450) <= 20 + 3 * IN_TWO_STEPS

    def test_sending_to_them_but_for_one_to_record_each_mail(self, make_people: MakePeople) -> None:
        def statements_for(count: int) -> int:
            event = ship()
            notify(event, people=make_people(count))
            run("process_notifications", event.pk)
            with statements() as taken:
                run("send_emails", event.pk)
            assert EmailNotification.objects.filter(event__event_log=event, status="sent").count() == count
            return len(taken) - count

        # Both are within one batch.
        assert statements_for(5) == statements_for(40) <= 7

    def _processing(self, people: list[User]) -> int:
        event = ship()
        notify(event, people=people)
        with statements() as taken:
            run("process_notifications", event.pk)
        assert NotifiableEvent.objects.filter(event_log=event, status="done").count() == len(people)
        return len(taken)


@pytest.mark.usefixtures("no_workers")
def test_dispatching_takes_no_more_for_many_handlers() -> None:
    def dispatching(event: EventLog) -> int:
        with statements() as taken:
            run("dispatch_event", event.pk)
        return len(taken)

    one = dispatching(ship())
    with commit():
        event = get_event_bus().publish(
            "order.returned", {"order_id": 7, "item": "Kite", "buyer_ids": [], "keeper_ids": []}
        )
    assert dispatching(event) == one


@pytest.mark.usefixtures("no_workers")
def test_one_event_for_one_person_is_followed_to_its_mail_without_looking_around(alice: User) -> None:
    ship(alice)
    with statements() as taken:
        run("work", 0)

    assert EmailNotification.objects.get().status == "sent"
    # 31, and three more on a machine so slow that a worker looks for what is urgent in between. MariaDB has
    # no RETURNING for an update, so that each of five claims is one more.
    assert len(taken) <= 34 + 5 * (connection.vendor == "mysql"), taken
