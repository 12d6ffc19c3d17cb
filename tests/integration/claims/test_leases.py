"""Leases: whoever lets one run out, by delay or by death, can write nothing more."""

import logging
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction

from clarion.bus.claims import claim, fail, finish, hand_on, put_back
from clarion.exceptions import LeaseLost
from clarion.jobs import run
from clarion.models import AppNotification, EventLog, NotifiableEvent, Status
from clarion.notifiers import notify
from tests.integration.claims.conftest import LEASE
from tests.integration.clock import let_pass
from tests.integration.elsewhere import elsewhere
from tests.integration.happenings import happen, happenings

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_workers")]

Ending = Callable[[NotifiableEvent], None]


def taken_over(row: NotifiableEvent) -> list[NotifiableEvent]:
    """Have the lease run out, and another worker claim the row."""
    let_pass(LEASE + timedelta(seconds=10))
    return claim(NotifiableEvent.objects.filter(pk=row.pk))


class TestALeaseThatRanOut:
    @pytest.mark.parametrize(
        "end",
        [
            lambda row: finish([row]),
            lambda row: fail([row], ValueError("too late")),
            lambda row: hand_on([row]),
        ],
        ids=["finish", "fail", "hand on"],
    )
    def test_is_taken_over_and_the_old_owner_can_write_nothing_more(
        self, rows: list[NotifiableEvent], end: Ending
    ) -> None:
        (old,) = claim(NotifiableEvent.objects.all())
        (new,) = taken_over(old)
        assert (new.pk, new.attempts) == (old.pk, 2)

        with pytest.raises(LeaseLost):
            end(old)

        stored = NotifiableEvent.objects.get(pk=old.pk)
        assert (stored.status, stored.lease_token) == (Status.RUNNING, new.lease_token)
        finish([new])
        assert NotifiableEvent.objects.get(pk=old.pk).status == Status.DONE

    def test_is_not_put_back_by_the_old_owner_either(self, rows: list[NotifiableEvent]) -> None:
        old = claim(NotifiableEvent.objects.all(), 2)
        NotifiableEvent.objects.filter(pk=old[0].pk).update(due_at=rows[0].created_at)
        (new,) = claim(NotifiableEvent.objects.filter(pk=old[0].pk))

        put_back(old, status=Status.PENDING)

        lost, held = NotifiableEvent.objects.filter(pk__in=[row.pk for row in old]).order_by("pk")
        assert (lost.status, lost.lease_token) == (Status.RUNNING, new.lease_token)
        assert (held.status, held.lease_token) == (Status.PENDING, None)

    def test_is_still_its_owner_s_if_nobody_took_it_over(self, rows: list[NotifiableEvent]) -> None:
        (row,) = claim(NotifiableEvent.objects.all())
        let_pass(LEASE + timedelta(seconds=10))

        finish([row])

        assert NotifiableEvent.objects.get(pk=row.pk).status == Status.DONE

    def test_is_lost_for_good_once_the_new_owner_is_done(self, rows: list[NotifiableEvent]) -> None:
        (old,) = claim(NotifiableEvent.objects.all())
        finish(taken_over(old))

        with pytest.raises(LeaseLost):
            fail([old], ValueError("too late"))

        stored = NotifiableEvent.objects.get(pk=old.pk)
        assert (stored.status, stored.error) == (Status.DONE, "")

    def test_takes_what_was_written_under_it_with_it(self, rows: list[NotifiableEvent]) -> None:
        (old,) = claim(NotifiableEvent.objects.all())
        taken_over(old)

        def write_late() -> None:
            with transaction.atomic():
                AppNotification.objects.create(event=old, title="Too late")
                finish([old])

        with pytest.raises(LeaseLost):
            write_late()

        assert not AppNotification.objects.exists()

    @pytest.mark.django_db(transaction=True)
    def test_takes_what_a_handler_wrote_with_it(
        self, alice: User, bob: User, caplog: pytest.LogCaptureFixture
    ) -> None:
        if connection.vendor == "sqlite":
            pytest.skip("SQLite has one writer at a time: nobody can take over while a handler runs")
        if not connection.features.has_select_for_no_key_update:
            pytest.skip(f"{connection.vendor}: whoever takes over waits until the handler has written")
        people = [alice, bob]

        def outlast_the_lease(event: EventLog) -> None:
            person = people.pop(0)
            User.objects.filter(pk=person.pk).update(last_name="was here")
            notify(event, people=[person])
            if people:
                run_id = event.runs.get().pk
                elsewhere(lambda: let_pass(LEASE + timedelta(seconds=10)))
                elsewhere(lambda: run("run_handler", run_id))

        with caplog.at_level(logging.WARNING, logger="clarion"), happenings(outlast_the_lease):
            event = happen()
            run("dispatch_event", event.pk)
            run("run_handler", event.runs.get().pk)
            run("process_notifications", event.pk)

        assert [row.person for row in NotifiableEvent.objects.all()] == [bob]
        alice.refresh_from_db()
        assert alice.last_name == ""
        handler_run = event.runs.get()
        assert (handler_run.status, handler_run.attempts) == (Status.DONE, 2)
        assert caplog.messages == ["lease lost; what this worker did was rolled back"]


class TestAWorkerThatDies:
    def test_leaves_a_counted_attempt_and_a_lease(self) -> None:
        def die(event: EventLog) -> None:
            raise SystemExit

        with happenings(die):
            event = happen()
            run("dispatch_event", event.pk)
            with pytest.raises(SystemExit):
                run("run_handler", event.runs.get().pk)

        handler_run = event.runs.get()
        assert (handler_run.status, handler_run.attempts) == (Status.RUNNING, 1)
        assert handler_run.due_at is not None

    def test_leaves_nothing_of_what_its_handler_wrote(self, alice: User) -> None:
        def write_and_die(event: EventLog) -> None:
            notify(event, people=[alice])
            raise SystemExit

        with happenings(write_and_die):
            event = happen()
            run("dispatch_event", event.pk)
            with pytest.raises(SystemExit):
                run("run_handler", event.runs.get().pk)

        assert not NotifiableEvent.objects.exists()
