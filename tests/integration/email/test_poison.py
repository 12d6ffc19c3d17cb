"""A mail that kills whoever sends it takes no other with it."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend
from pytest_django import Settings

from clarion.bus.relay import relay
from clarion.models import EmailNotification, NotificationPreference, Status
from clarion.testing import commit
from tests.integration.clock import let_pass
from tests.integration.conftest import MakePerson
from tests.integration.email.sink import Sink, use_backend
from tests.integration.orders import ship

pytestmark = pytest.mark.django_db

DEADLY = "deadly@example.com"
ATTEMPTS = 3


class DeadlyBackend(EmailBackend):
    """Ends the worker, as a segmentation fault would, for one address."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        if any(DEADLY in message.to for message in email_messages):
            raise SystemExit
        return super().send_messages(email_messages)


@pytest.fixture
def seven(make_person: MakePerson) -> list[User]:
    """Seven people, of whom the fourth has the deadly address."""
    people = [make_person() for _ in range(7)]
    people[3].email = DEADLY
    people[3].save()
    return people


@pytest.fixture(autouse=True)
def _deadly(sink: Sink, settings: Settings) -> None:
    use_backend(settings, f"{__name__}.{DeadlyBackend.__name__}")
    settings.CLARION = {**settings.CLARION, "MAX_ATTEMPTS": ATTEMPTS}


def go_on_as_often_as_it_may() -> None:
    for _ in range(ATTEMPTS * 8):
        let_pass(timedelta(days=1))
        with suppress(SystemExit), commit():
            relay()


def expect_one_dead_among(people: list[User], sink: Sink) -> None:
    fates = dict(EmailNotification.objects.values_list("person", "status"))
    assert [fates[person.pk] for person in people] == [
        Status.DEAD if person.email == DEADLY else Status.SENT for person in people
    ]
    dead = EmailNotification.objects.get(status=Status.DEAD)
    assert (dead.attempts, dead.error) == (ATTEMPTS, "every attempt ended with its worker")
    assert sorted(sink.addresses) == sorted(person.email for person in people if person.email != DEADLY)


def test_a_mail_that_kills_its_worker_lets_the_others_through(seven: list[User], sink: Sink) -> None:
    with suppress(SystemExit):
        ship(*seven)

    go_on_as_often_as_it_may()

    expect_one_dead_among(seven, sink)


def test_a_digest_that_kills_its_worker_lets_the_others_through(seven: list[User], sink: Sink) -> None:
    for person in seven:
        NotificationPreference.objects.create(person=person, cadences={"orders": "daily"})
    ship(*seven)

    go_on_as_often_as_it_may()

    expect_one_dead_among(seven, sink)
