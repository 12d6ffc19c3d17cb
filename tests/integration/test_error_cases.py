"""When something is missing or broken, people are still told, and operators can see what was wrong."""

import logging
from datetime import timedelta
from typing import Any, NotRequired

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.db.models import QuerySet
from pytest_django import Settings
from typing_extensions import TypedDict

from clarion.bus import get_event_bus
from clarion.bus.relay import relay
from clarion.delivery.repair import rerender
from clarion.events import AppText
from clarion.exceptions import PermanentError, TransientError
from clarion.models import (
    AppNotification,
    AppNotificationTemplate,
    EmailNotification,
    EmailNotificationTemplate,
    EventLog,
    HandlerRun,
    NotifiableEvent,
    NotificationPreference,
    Status,
)
from clarion.notifiers import notify
from clarion.testing import assert_notified, commit
from tests.integration.clock import let_pass
from tests.integration.happenings import happen, happenings
from tests.integration.orders import ship

pytestmark = pytest.mark.django_db


class Mishap(Exception):
    """What makes a handler fail."""


def write_past_the_contract(**changes: str) -> None:
    """Change a stored template by SQL, as an old release or a careless migration might have."""
    templates = AppNotificationTemplate.objects.filter(event_type="order.shipped", locale="en")
    QuerySet.update(templates, **changes)


class TestAMissingTemplate:
    @pytest.fixture(autouse=True)
    def _missing(self, db: None) -> None:
        AppNotificationTemplate.objects.filter(event_type="order.shipped").delete()
        EmailNotificationTemplate.objects.filter(event_type="order.shipped").delete()

    def test_gives_a_stand_in_on_every_channel(self, alice: User) -> None:
        ship(alice)

        item, email = AppNotification.objects.get(), EmailNotification.objects.get()
        assert (item.title, item.message, item.is_fallback) == ("Notification", "Order shipped", True)
        assert (email.subject, email.body, email.is_fallback) == ("Notification", "Order shipped", True)
        assert mail.outbox[0].subject == "Notification"

    def test_still_leads_where_the_notification_should(self, alice: User) -> None:
        ship(alice)

        assert AppNotification.objects.get().link == "/orders/7/"

    def test_is_on_record(self, alice: User) -> None:
        ship(alice)

        told = NotifiableEvent.objects.get()
        assert told.status == Status.DONE
        assert told.error == (
            "app: TemplateMissing: no template is stored for order.shipped in en\n"
            "email: TemplateMissing: no template is stored for order.shipped in en"
        )

    def test_is_made_up_for_once_there_is_one(self, alice: User) -> None:
        ship(alice)
        AppNotificationTemplate.objects.create(
            event_type="order.shipped", locale="en", title_template="Late: {item}"
        )

        assert rerender() == (1, 0)
        item = AppNotification.objects.get()
        assert (item.title, item.is_fallback) == ("Late: Kite", False)


class TestABrokenTemplate:
    def test_gives_a_stand_in_on_its_channel_only(self, alice: User) -> None:
        write_past_the_contract(title_template="Shipped: {item.__class__}")

        ship(alice)

        assert AppNotification.objects.get().is_fallback
        email = EmailNotification.objects.get()
        assert (email.is_fallback, email.subject) == (False, "Shipped: Kite")

    def test_is_on_record_with_line_and_column(self, alice: User) -> None:
        write_past_the_contract(title_template="Shipped: {item.__class__}")

        ship(alice)

        assert NotifiableEvent.objects.get().error.startswith(
            'app: InvalidTemplate: line 1, column 10, in "Shipped: {item.__class__}": attribute access '
            "{item.__class__}; write the bare name of a parameter; "
        )

    @pytest.mark.parametrize("template", ["{colour}", "{person_ids}", "{"])
    def test_never_keeps_the_news_from_the_person(self, template: str, alice: User) -> None:
        write_past_the_contract(message_template=template)

        ship(alice)

        assert_notified(alice, "order.shipped", channel="app")
        assert AppNotification.objects.get().message == "Order shipped"


class Forecast(TypedDict):
    text: str
    place: NotRequired[str]


def test_a_parameter_that_is_left_out_gives_a_stand_in_and_says_which(alice: User) -> None:
    def tell(event: EventLog) -> None:
        notify(event, people=[alice])

    texts = (AppText(title="{text} in {place}", message=""),)
    with happenings(tell, payload=Forecast, texts=texts, channels=("app",)):
        happen(text="rain")

    assert AppNotification.objects.get().is_fallback
    assert NotifiableEvent.objects.get().error == (
        "app: RenderingError: parameter {place} has no value; "
        "fix: pass it in the payload or in params, or take it out of the template"
    )


def test_a_heading_that_comes_out_empty_gives_a_stand_in(alice: User) -> None:
    write_past_the_contract(title_template="{item}")

    ship(alice, item=" ")

    assert AppNotification.objects.get().title == "Notification"
    assert NotifiableEvent.objects.get().error == "app: RenderingError: the heading came out empty"


class TestAPreferenceThatCannotBeRead:
    @pytest.fixture(autouse=True)
    def _unreadable(self, alice: User) -> None:
        unreadable = NotificationPreference(person=alice, categories={"orders": "pigeon"})
        NotificationPreference.objects.bulk_create([unreadable])

    def test_holds_up_nobody_else(self, alice: User, bob: User) -> None:
        ship(alice, bob)

        assert_notified(bob, "order.shipped")
        told = NotifiableEvent.objects.get(person=alice)
        assert told.status == Status.FAILED
        assert told.error.startswith("ValueError: 'pigeon' is not a valid")
        assert not AppNotification.objects.filter(person=alice).exists()

    def test_is_read_again_later(self, alice: User, bob: User) -> None:
        ship(alice, bob)
        NotificationPreference.objects.update(categories={"orders": "apps"})
        let_pass(timedelta(minutes=2))
        with commit():
            relay()

        assert_notified(alice, "order.shipped", channel="app")
        # Alone, and once more. What was tried with the others was the batch.
        assert NotifiableEvent.objects.get(person=alice).attempts == 2
        assert AppNotification.objects.count() == 2


class TestAHandlerThatFails:
    def test_is_tried_again_after_growing_pauses_until_it_is_dead(self, settings: Settings) -> None:
        settings.CLARION = {**settings.CLARION, "MAX_ATTEMPTS": 4}
        calls = []

        def fail(event: EventLog) -> None:
            calls.append(event.pk)
            raise Mishap(f"attempt {len(calls)}")

        with happenings(fail):
            event = happen()
            for pause in (30, 60, 120):
                # The shortest and the longest that jitter allows, with the relay's grace.
                let_pass(timedelta(seconds=pause * 0.7))
                with commit():
                    relay()
                before = len(calls)
                let_pass(timedelta(seconds=pause * 0.6 + 6))
                with commit():
                    relay()
                assert len(calls) == before + 1

        handler_run = HandlerRun.objects.get()
        assert (handler_run.status, handler_run.attempts) == (Status.DEAD, 4)
        assert handler_run.error == "Mishap: attempt 4"
        event.refresh_from_db()
        assert event.status == Status.DEAD

    def test_is_not_tried_again_once_it_is_dead(self, settings: Settings) -> None:
        settings.CLARION = {**settings.CLARION, "MAX_ATTEMPTS": 1}

        def fail(event: EventLog) -> None:
            raise Mishap

        with happenings(fail):
            happen()
            let_pass(timedelta(days=1))
            with commit():
                assert relay() == 0

        assert HandlerRun.objects.get().attempts == 1

    def test_for_good_is_given_up_at_once(self) -> None:
        def give_up(event: EventLog) -> None:
            raise PermanentError("no such warehouse")

        with happenings(give_up):
            event = happen()

        handler_run = event.runs.get()
        assert (handler_run.status, handler_run.attempts) == (Status.DEAD, 1)
        assert handler_run.error == "PermanentError: no such warehouse"

    def test_for_now_is_tried_again(self) -> None:
        def wait(event: EventLog) -> None:
            raise TransientError("the warehouse is asleep")

        with happenings(wait):
            event = happen()

        assert event.runs.get().status == Status.FAILED

    def test_does_not_hold_up_other_events(self, alice: User) -> None:
        def fail(event: EventLog) -> None:
            raise Mishap

        with happenings(fail), commit():
            get_event_bus().publish("test.happened", {})
            get_event_bus().publish(
                "order.shipped", {"order_id": 7, "item": "Kite", "url": "/", "person_ids": [alice.pk]}
            )

        assert_notified(alice, "order.shipped")

    def test_clears_its_error_when_it_succeeds(self) -> None:
        calls = []

        def fail_once(event: EventLog) -> None:
            calls.append(event.pk)
            if len(calls) == 1:
                raise Mishap("once")

        with happenings(fail_once):
            event = happen()
            assert event.runs.get().error == "Mishap: once"
            let_pass(timedelta(minutes=1))
            with commit():
                relay()

        assert event.runs.get().error == ""


def test_logs_carry_ids_and_never_what_is_in_the_payload(
    alice: User, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(event: EventLog) -> None:
        raise Mishap(f"could not ship {event.payload['text']} to {alice.email}")

    with caplog.at_level(logging.DEBUG, logger="clarion"), happenings(fail):
        event = happen(text="canary")

    records = [record for record in caplog.records if record.name.startswith("clarion")]
    assert [record.getMessage() for record in records] == ["handler failed"]
    said: list[Any] = [vars(record) for record in records]
    assert said[0]["run_id"] == event.runs.get().pk
    assert said[0]["exc_info"] is None
    assert "canary" not in str(said)
    assert alice.email not in str(said)
