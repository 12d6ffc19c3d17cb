"""assert_notified and assert_not_notified: they tell a story when they fail."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from pytest_django import Settings

from clarion.bus import get_event_bus
from clarion.exceptions import PermanentError, UnknownEventType
from clarion.jobs import run
from clarion.models import EventLog, NotifiableEvent, NotificationPreference, RecipientBatch
from clarion.notifiers import notify
from clarion.testing import assert_not_notified, assert_notified
from tests.integration.conftest import MakePerson
from tests.integration.happenings import happen, happenings
from tests.integration.orders import ship, shipping

pytestmark = pytest.mark.django_db

SHIPPED = "order.shipped"


def told(person: User, **how: str) -> str:
    """Return what assert_notified has to say."""
    with pytest.raises(AssertionError) as caught:
        assert_notified(person, SHIPPED, **how)
    return str(caught.value)


def not_told(person: User, **how: str) -> str:
    """Return what assert_not_notified has to say."""
    with pytest.raises(AssertionError) as caught:
        assert_not_notified(person, SHIPPED, **how)
    return str(caught.value)


class TestAPersonWhoWasTold:
    @pytest.mark.parametrize("how", [{}, {"channel": "app"}, {"channel": "email"}])
    def test_counts_as_told(self, how: dict[str, str], alice: User) -> None:
        ship(alice)

        assert_notified(alice, SHIPPED, **how)
        number = NotifiableEvent.objects.get().pk
        by = f" by {how['channel']}" if how else ""
        why = "created:no_record (the person has chosen nothing yet, so the default applies)"
        assert not_told(alice, **how) == (
            f"User #{alice.pk} was told of order.shipped{by}: "
            f"notifiable event #{number} app {why}, email {why}"
        )

    def test_on_one_channel_counts_as_told_in_all_but_not_on_the_other(self, make_person: MakePerson) -> None:
        person = make_person(email="")
        ship(person)

        assert_notified(person, SHIPPED)
        assert_not_notified(person, SHIPPED, channel="email", because="no_address")
        assert told(person, channel="email").endswith("email skipped:no_address (the person has no address)")

    def test_of_one_of_two_events_counts_as_told(self, alice: User) -> None:
        ship(alice)
        User.objects.update(is_active=False)
        ship(alice)

        assert_notified(alice, SHIPPED)
        assert "notifiable event" in not_told(alice)


class TestAPersonWhoWasNotTold:
    def test_because_no_such_event_was_published(self, alice: User) -> None:
        assert_not_notified(alice, SHIPPED)
        assert told(alice) == f"User #{alice.pk} was not told of order.shipped: no such event was published"

    def test_because_the_handlers_named_others(self, alice: User, bob: User) -> None:
        event = ship(bob)

        assert_not_notified(alice, SHIPPED)
        assert told(alice) == (
            f"User #{alice.pk} was not told of order.shipped: event #{event.pk} is done: "
            "none of its 1 handlers named this person"
        )

    def test_because_there_was_nobody_to_tell(self, alice: User) -> None:
        ship()

        assert told(alice).endswith("none of its 1 handlers named this person, nobody to tell")

    def test_because_the_handler_gave_up(self, alice: User) -> None:
        def give_up(event: EventLog) -> None:
            raise PermanentError("the warehouse is closed")

        with happenings(give_up):
            event = happen()
            with pytest.raises(AssertionError) as caught:
                assert_notified(alice, "test.happened")

        assert str(caught.value) == (
            f"User #{alice.pk} was not told of test.happened: event #{event.pk} is dead: none of its 1 "
            f"handlers named this person, gave up: {event.runs.get().handler}, "
            "PermanentError: the warehouse is closed"
        )

    def test_because_they_chose_so(self, alice: User) -> None:
        NotificationPreference.objects.create(person=alice, categories={"orders": "none"})
        ship(alice)

        assert_not_notified(alice, SHIPPED)
        assert_not_notified(alice, SHIPPED, because="category_choice")
        assert_not_notified(alice, SHIPPED, channel="app", because="category_choice")
        assert "app skipped:category_choice (the person's choice for the category)" in told(alice)

    def test_but_for_another_reason(self, alice: User, make_person: MakePerson) -> None:
        person = make_person(is_active=False)
        ship(person)

        assert not_told(person, because="no_address").startswith(
            f"User #{person.pk} was not told of order.shipped, but not because of 'no_address': "
        )
        assert not_told(alice, because="no_address").endswith("none of its 1 handlers named this person")


class TestAPersonWhoMayStillBeTold:
    def test_because_the_publishing_was_not_committed(self, alice: User) -> None:
        event = get_event_bus().publish(SHIPPED, shipping(alice))

        assert told(alice) == (
            f"User #{alice.pk} was not told of order.shipped: event #{event.pk} is pending: "
            "no worker has seen it (did you publish it inside `with commit():`?)"
        )

    @pytest.mark.usefixtures("no_workers")
    def test_counts_neither_as_told_nor_as_not_told(self, alice: User) -> None:
        event = ship(alice)
        run("dispatch_event", event.pk)
        run("run_handler", event.runs.get().pk)

        number = RecipientBatch.objects.get().pk
        assert told(alice).endswith(f"batch #{number} is pending, nothing decided yet")
        assert not_told(alice) == (
            f"User #{alice.pk} was not told of order.shipped so far, but may be: "
            f"batch #{number} is pending, nothing decided yet"
        )

    def test_because_the_last_attempt_failed(self, alice: User, settings: Settings) -> None:
        unreadable = NotificationPreference(person=alice, categories={"orders": "pigeon"})
        NotificationPreference.objects.bulk_create([unreadable])
        ship(alice)

        assert "is failed, nothing decided yet: ValueError: 'pigeon'" in told(alice)
        assert "so far, but may be" in not_told(alice)


def test_a_stand_in_counts_as_told_and_its_problem_is_shown(alice: User) -> None:
    def tell(event: EventLog) -> None:
        notify(event, people=[alice])

    with happenings(tell, texts=()):
        happen()
        assert_notified(alice, "test.happened")
        with pytest.raises(AssertionError, match="TemplateMissing"):
            assert_not_notified(alice, "test.happened")


@pytest.mark.parametrize("check", [assert_notified, assert_not_notified])
def test_a_misspelt_event_type_is_an_error_and_never_passes(
    check: Callable[[User, str], None], alice: User
) -> None:
    with pytest.raises(UnknownEventType, match="did you mean"):
        check(alice, "order.shiped")
