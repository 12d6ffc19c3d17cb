"""When a digest comes: at the time the person chose, by their own clock; and what does not wait for it."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from clarion.models import EmailNotification, EventLog, NotificationPreference
from clarion.notifiers import notify
from tests.integration.conftest import MakePerson
from tests.integration.email.digests.conftest import wants
from tests.integration.email.digests.mails import order, when_they_come
from tests.integration.email.sink import Sink
from tests.integration.happenings import happen, happenings
from tests.integration.orders import take_back

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("urgency", ["mandatory", "urgent", "at_most_once"])
def test_what_must_be_told_or_is_urgent_or_must_not_come_twice_comes_at_once(
    sink: Sink, alice: User, daily: NotificationPreference, urgency: str
) -> None:
    def tell(event: EventLog) -> None:
        notify(event, people=[alice])

    with happenings(tell, **{urgency: True}):
        happen()
    assert [message["Subject"] for message in sink.mails] == ["News: rain"]


@pytest.mark.parametrize(
    ("cadence", "longest"), [("hourly", timedelta(hours=1)), ("weekly", timedelta(weeks=1))]
)
def test_the_next_digest_is_never_further_than_the_cadence(
    sink: Sink, alice: User, cadence: str, longest: timedelta
) -> None:
    wants(alice, cadence)
    order(1, alice)
    due_at = EmailNotification.objects.get().due_at
    assert due_at is not None
    assert timezone.now() < due_at <= timezone.now() + longest
    when_they_come()
    assert len(sink.mails) == 1


def test_people_elsewhere_are_told_at_nine_by_their_own_clocks(make_person: MakePerson) -> None:
    zones = {make_person(): zone for zone in ("Asia/Tokyo", "Europe/Berlin", "Mars/Olympus", "")}
    for person, zone in zones.items():
        wants(person, time_zone=zone)
    order(1, *zones)

    mails = {zones[mail.person]: mail.due_at or mail.created_at for mail in EmailNotification.objects.all()}
    assert mails["Asia/Tokyo"].hour == 0
    assert mails["Europe/Berlin"].hour in (7, 8)
    assert mails["Mars/Olympus"] == mails[""]
    assert mails[""].hour == 9


def test_cadences_of_categories_are_apart_and_what_is_due_together_comes_together(
    sink: Sink, alice: User
) -> None:
    wants(alice, "hourly")
    order(1, alice)
    take_back([alice], [])
    when_they_come()
    order(2, alice)
    when_they_come()
    subjects = [message["Subject"] for message in sink.mails]
    assert subjects == ["2 notifications from shop.example", "Shipped: Kite 2"]
