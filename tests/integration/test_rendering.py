"""The words people read: in their language, as text, and never nothing at all."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from pydantic import BaseModel
from pytest_django import Settings

from clarion.events import AppText, EmailText
from clarion.models import AppNotification, AppNotificationTemplate, EmailNotification, EventLog
from clarion.notifiers import notify
from tests.integration.conftest import MakePerson
from tests.integration.happenings import happen, happenings
from tests.integration.orders import ship

pytestmark = pytest.mark.django_db


def to(person: User) -> Callable[[EventLog], None]:
    """Return a handler that tells one person."""

    def tell(event: EventLog) -> None:
        notify(event, people=[person])

    return tell


@pytest.fixture
def speaking(make_person: MakePerson, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], User]:
    """Make a person who reads a language; a person model may have a property for that."""
    monkeypatch.setattr(User, "language", property(lambda user: user.last_name), raising=False)
    return lambda language: make_person(last_name=language)


@pytest.mark.parametrize(
    ("language", "title"),
    [
        ("en", "Shipped: Kite"),
        ("de", "Versandt: Kite"),
        ("de-at", "Versandt: Kite"),
        ("de_CH", "Versandt: Kite"),
        ("DE", "Versandt: Kite"),
        ("ar", "Shipped: Kite"),
        ("tlh", "Shipped: Kite"),
        ("", "Shipped: Kite"),
    ],
)
def test_a_text_is_in_the_person_s_language_or_its_base_or_the_project_s(
    speaking: Callable[[str], User], language: str, title: str
) -> None:
    person = speaking(language)

    ship(person)

    assert AppNotification.objects.get(person=person).title == title
    assert EmailNotification.objects.get(person=person).subject == title
    assert not AppNotification.objects.get().is_fallback


def test_people_of_one_event_each_read_their_own_language(speaking: Callable[[str], User]) -> None:
    german, english = speaking("de"), speaking("en")

    ship(german, english)

    assert AppNotification.objects.get(person=german).message == "Kite ist unterwegs."
    assert AppNotification.objects.get(person=english).message == "Kite is on its way."


def test_a_regional_template_goes_before_that_of_the_base_language(speaking: Callable[[str], User]) -> None:
    AppNotificationTemplate.objects.create(
        event_type="order.shipped", locale="de-at", title_template="Aufgegeben: {item}"
    )
    austrian, german = speaking("de-AT"), speaking("de")

    ship(austrian, german)

    assert AppNotification.objects.get(person=austrian).title == "Aufgegeben: Kite"
    assert AppNotification.objects.get(person=german).title == "Versandt: Kite"


def test_a_person_without_a_language_reads_the_project_s(alice: User, settings: Settings) -> None:
    settings.LANGUAGE_CODE = "de"

    ship(alice)

    assert AppNotification.objects.get().title == "Versandt: Kite"


def test_html_in_data_is_shown_as_text_everywhere(alice: User) -> None:
    ship(alice, item="<script>alert(1)</script> & <b>Co</b>")

    item = AppNotification.objects.get()
    assert item.title == "Shipped: <script>alert(1)</script> & <b>Co</b>"
    message = mail.outbox[0]
    assert isinstance(message, EmailMultiAlternatives)
    assert "<script>alert(1)</script> & <b>Co</b> is on its way." in message.body
    html = str(message.alternatives[0][0])
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &lt;b&gt;Co&lt;/b&gt; is on its way." in html
    assert "<script>" not in html
    assert "<b>" not in html


def test_html_in_a_template_is_shown_as_text_too(alice: User) -> None:
    with happenings(to(alice), texts=(EmailText(title="News", template="<b>It is {text}.</b>"),)):
        happen()

    message = mail.outbox[0]
    assert isinstance(message, EmailMultiAlternatives)
    assert "<b>It is rain.</b>" in message.body
    assert "&lt;b&gt;It is rain.&lt;/b&gt;" in str(message.alternatives[0][0])


def test_braces_in_data_are_not_filled_in(alice: User) -> None:
    ship(alice, item="{url} {item.__class__} {{x}}")

    assert AppNotification.objects.get().title == "Shipped: {url} {item.__class__} {{x}}"


def test_a_line_break_in_data_cannot_add_a_header(alice: User) -> None:
    ship(alice, item="Kite\r\nBcc: eve@evil.example")

    assert mail.outbox[0].subject == "Shipped: Kite Bcc: eve@evil.example"
    assert mail.outbox[0].recipients() == [alice.email]
    assert AppNotification.objects.get().title == "Shipped: Kite Bcc: eve@evil.example"


def test_characters_that_hide_or_turn_text_are_left_out(alice: User) -> None:
    ship(alice, item="Ki\u200bte \u202egnp.exe")

    assert AppNotification.objects.get().title == "Shipped: Kite gnp.exe"


def test_a_long_title_is_cut_where_the_reader_can_see_it(alice: User) -> None:
    ship(alice, item="K" * 1000)

    title = AppNotification.objects.get().title
    assert len(title) == len(mail.outbox[0].subject) == 400
    assert title.endswith("K…")


def test_a_long_message_is_cut_where_the_reader_can_see_it(alice: User) -> None:
    ship(alice, item="K" * 9000)

    message = AppNotification.objects.get().message
    assert len(message) == 4000
    assert message.endswith("K…")
    assert "K" * 9000 in mail.outbox[0].body


class Reading(BaseModel):
    place: str | None = None
    degrees: float | int | None = None
    rising: bool = False


@pytest.mark.parametrize(
    ("payload", "title"),
    [
        ({"place": "Hull", "degrees": 9}, "Hull: 9, False"),
        ({"place": "Hull", "degrees": -0.5, "rising": True}, "Hull: -0.5, True"),
        ({}, ": , False"),
    ],
)
def test_every_kind_of_value_that_a_template_may_name_can_be_shown(
    payload: dict[str, Any], title: str, alice: User
) -> None:
    texts = (AppText(title="{place}: {degrees}, {rising}", message=""),)
    with happenings(to(alice), payload=Reading, texts=texts):
        happen(**payload)

    assert AppNotification.objects.get().title == title
    assert AppNotification.objects.get().message == ""
