"""How people want to be told, and what comes of it."""

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from clarion.bus import get_event_bus
from clarion.models import (
    AppNotification,
    EmailNotification,
    EventLog,
    NotifiableEvent,
    NotificationPreference,
)
from clarion.notifiers import notify
from clarion.testing import assert_not_notified, assert_notified, commit
from tests.integration.conftest import MakePerson
from tests.integration.happenings import happen, happenings
from tests.integration.orders import ship

pytestmark = pytest.mark.django_db

Type = NotificationPreference.Type


def outcomes_for(person: User) -> dict[str, str]:
    """Ship to the person, and return what was decided for each channel."""
    ship(person)
    return NotifiableEvent.objects.get(person=person).outcomes


@pytest.mark.parametrize(
    ("choice", "by_app", "by_email"),
    [
        (Type.APPS, True, False),
        (Type.EMAIL, False, True),
        (Type.BOTH, True, True),
        (Type.NONE, False, False),
    ],
)
class TestAChoice:
    def test_for_a_category_decides_the_channels(
        self, alice: User, choice: Type, by_app: bool, by_email: bool
    ) -> None:
        NotificationPreference.objects.create(person=alice, categories={"orders": choice})

        assert outcomes_for(alice) == {
            "app": f"{'created' if by_app else 'skipped'}:category_choice",
            "email": f"{'created' if by_email else 'skipped'}:category_choice",
        }
        assert AppNotification.objects.exists() is by_app
        assert EmailNotification.objects.exists() is by_email

    def test_for_an_event_type_goes_before_that_for_its_category(
        self, alice: User, choice: Type, by_app: bool, by_email: bool
    ) -> None:
        opposite = Type.NONE if by_app else Type.BOTH
        NotificationPreference.objects.create(
            person=alice, categories={"orders": opposite}, event_types={"order.shipped": choice}
        )

        assert outcomes_for(alice) == {
            "app": f"{'created' if by_app else 'skipped'}:event_type_choice",
            "email": f"{'created' if by_email else 'skipped'}:event_type_choice",
        }


def test_a_person_without_a_record_gets_the_defaults_and_that_is_the_reason(alice: User) -> None:
    assert outcomes_for(alice) == {"app": "created:no_record", "email": "created:no_record"}


def test_a_person_who_chose_nothing_for_this_gets_the_defaults(alice: User) -> None:
    NotificationPreference.objects.create(person=alice, categories={"account": Type.NONE})

    assert outcomes_for(alice) == {"app": "created:default", "email": "created:default"}


def test_people_s_choices_do_not_mix(make_person: MakePerson) -> None:
    people = {choice: make_person() for choice in Type}
    for choice, person in people.items():
        NotificationPreference.objects.create(person=person, categories={"orders": choice})

    ship(*people.values())

    assert set(AppNotification.objects.values_list("person", flat=True)) == {
        people[Type.APPS].pk,
        people[Type.BOTH].pk,
    }
    assert set(EmailNotification.objects.values_list("person", flat=True)) == {
        people[Type.EMAIL].pk,
        people[Type.BOTH].pk,
    }


def test_a_mandatory_type_cannot_be_turned_off(alice: User) -> None:
    NotificationPreference.objects.create(
        person=alice, categories={"account": Type.NONE}, event_types={"account.locked": Type.NONE}
    )

    with commit():
        get_event_bus().publish("account.locked", {"person_id": alice.pk, "place": "Hull"})

    assert NotifiableEvent.objects.get().outcomes == {
        "app": "created:mandatory",
        "email": "created:mandatory",
    }


def test_a_channel_that_the_type_does_not_use_is_not_offered(alice: User) -> None:
    def tell(event: EventLog) -> None:
        notify(event, people=[alice])

    with happenings(tell, channels=("app",)):
        happen()
        assert_notified(alice, "test.happened", channel="app")
        assert_not_notified(alice, "test.happened", channel="email", because="not_offered")


class TestProductNotifications:
    """The seed's name for the choice of the category “product”."""

    def test_are_the_default_at_first(self, alice: User) -> None:
        assert NotificationPreference(person=alice).product_notifications == Type.BOTH

    @pytest.mark.parametrize("choice", Type)
    def test_read_and_write_the_category(self, alice: User, choice: Type) -> None:
        preference = NotificationPreference.objects.create(person=alice)
        preference.product_notifications = choice
        preference.save()

        stored = NotificationPreference.objects.get()
        assert stored.product_notifications == choice
        assert stored.categories == {"product": choice.value}

    def test_take_the_stored_value_too(self, alice: User) -> None:
        preference = NotificationPreference(person=alice)
        preference.product_notifications = "apps"

        assert preference.product_notifications is Type.APPS

    def test_refuse_what_is_no_choice(self, alice: User) -> None:
        with pytest.raises(ValueError, match="pigeon"):
            NotificationPreference(person=alice).product_notifications = "pigeon"

    def test_leave_other_categories_alone(self, alice: User) -> None:
        preference = NotificationPreference(person=alice, categories={"orders": "none"})
        preference.product_notifications = Type.APPS

        assert preference.categories == {"orders": "none", "product": "apps"}


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"categories": {"weather": "both"}}, "There is no “weather”."),
        ({"event_types": {"order.lost": "both"}}, "There is no “order.lost”."),
        ({"categories": {"orders": "pigeon"}}, "“pigeon” is not one of apps, email, both, none."),
        ({"event_types": {"order.shipped": "pigeon"}}, "“pigeon” is not one of apps, email, both, none."),
        ({"cadences": {"weather": "daily"}}, "There is no “weather”."),
        ({"cadences": {"orders": "yearly"}}, "“yearly” is not one of hourly, daily, weekly."),
    ],
)
def test_a_choice_that_does_not_exist_is_refused_by_validation(
    alice: User, choices: dict[str, dict[str, str]], message: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        NotificationPreference(person=alice, **choices).full_clean()

    assert caught.value.message_dict == {next(iter(choices)): [message]}


def test_a_person_has_one_record(alice: User) -> None:
    NotificationPreference.objects.create(person=alice)

    with pytest.raises(IntegrityError), transaction.atomic():
        NotificationPreference.objects.create(person=alice)


def test_a_person_s_record_goes_with_the_person(alice: User) -> None:
    NotificationPreference.objects.create(person=alice)
    alice.delete()

    assert not NotificationPreference.objects.exists()
