"""Mails that say the same are written once; each still says what its row says, to whom its row says."""

from collections.abc import Sequence
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage as StandardMessage
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.core.mail.backends.smtp import EmailBackend
from django.template.loader import render_to_string
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import Settings

from clarion.bus.claims import claim
from clarion.channels.email import EmailChannel
from clarion.delivery import message, sender
from clarion.delivery.connection import mail_connection
from clarion.delivery.form_letter import FormLetter
from clarion.delivery.message import Words
from clarion.models import EmailNotification, EventLog, Status
from clarion.models.person import read_by
from clarion.notifiers import notify
from tests.integration.conftest import MakePerson
from tests.integration.email.sink import Sink, use_backend
from tests.integration.happenings import happen, happenings
from tests.integration.orders import ship

pytestmark = pytest.mark.django_db


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the templates that were rendered, each time."""
    names: list[str] = []

    def render(name: str, context: dict[str, Any]) -> str:
        names.append(name)
        return render_to_string(name, context)

    monkeypatch.setattr(message, "render_to_string", render)
    return names


def test_the_words_of_many_are_rendered_once(
    sink: Sink, make_person: MakePerson, rendered: Sequence[str]
) -> None:
    ship(*(make_person() for _ in range(5)))

    assert len(sink.mails) == 5
    assert rendered == ["clarion/email.txt", "clarion/email.html"]


def test_everybody_reads_their_own_words(sink: Sink, make_person: MakePerson) -> None:
    people = [make_person() for _ in range(6)]

    def tell(event: EventLog) -> None:
        for number, person in enumerate(people):
            about = number % 3
            notify(event, people=[person], link=f"/about/{about}/", reason=f"because of {about} things")

    with happenings(tell):
        happen()

    assert sorted(sink.addresses) == sorted(person.email for person in people)
    for mail in sink.mails:
        about = [person.email for person in people].index(str(mail["To"])) % 3
        for part in mail.iter_parts():
            assert f"/about/{about}/" in part.get_content()
            assert f"ecause of {about} things" in part.get_content()


def test_each_mail_has_the_message_id_of_its_row(sink: Sink, make_person: MakePerson) -> None:
    ship(*(make_person() for _ in range(3)))

    arrived = {(str(mail["To"]), str(mail["Message-ID"])) for mail in sink.mails}
    assert arrived == set(EmailNotification.objects.values_list("address", "message_id"))


def test_a_template_of_the_project_s_own_knows_nobody_s_name(
    sink: Sink, make_person: MakePerson, settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "clarion").mkdir()
    template = "{{ mail.body }}, dear {{ mail.address }}{{ mail.person.email }}{{ mail.event.person.email }}"
    (tmp_path / "clarion" / "email.txt").write_text(template)
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path]}]

    ship(make_person(), make_person())

    for mail in sink.mails:
        text = mail.get_body(("plain",))
        assert text
        assert text.get_content().strip().endswith(", dear")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    local=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=80),
    domain=st.sampled_from(["people.example", "bücher.example", "PEOPLE.example"]),
    subject=st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=200),
)
def test_what_is_filled_in_stands_in_its_header_alone(
    sink: Sink, local: str, domain: str, subject: str
) -> None:
    address = f"{local}@{domain}"
    if EmailChannel().refusals([read_by(User(pk=1, email=address))]):
        return

    backend = mail_connection()
    assert isinstance(backend, EmailBackend)
    letter = FormLetter(Words("en", subject, "It rains.", "", ""))
    written = letter.written(address, "<1@shop.example>", backend)
    if written is None:
        return
    parsed = message_from_bytes(written.content, policy=policy.default)

    assert [name for name, _ in parsed.items()].count("To") == 1
    assert str(parsed["To"]) == address
    assert parsed["Message-ID"] == "<1@shop.example>"
    assert "Bcc" not in parsed
    assert not parsed.defects
    assert all(len(line) <= 998 for line in written.content.split(b"\r\n"))


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        ("News", "It rains."),
        ("Drachen für Zoë 🪁", "凧 " * 2000),
        ("News " * 60, ".\n..\n.\r\nFrom here\n"),
    ],
)
def test_it_is_what_django_would_write(sink: Sink, subject: str, body: str) -> None:
    backend = mail_connection()
    assert isinstance(backend, EmailBackend)
    letter = FormLetter(Words("en", subject, body, "because it rains", "/rain/"))
    ours = letter.written("alice@people.example", "<1@shop.example>", backend)
    backend.open()
    backend.send_messages([letter.message("alice@people.example", "<1@shop.example>")])
    backend.close()

    assert ours
    written = message_from_bytes(ours.content, StandardMessage, policy=policy.default)
    assert _said(written) == _said(sink.mails[0])


def _said(mail: StandardMessage) -> tuple[dict[str, str], list[list[str]]]:
    headers = {
        name: str(value) for name, value in mail.items() if name not in ("Date", "Content-Type", "X-Peer")
    }
    return headers, [part.get_content().splitlines() for part in mail.iter_parts()]


class Signing(EmailBackend):
    """A backend of a project's own, which does something with each message."""

    seen: list[EmailMessage] = []

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        self.seen += email_messages
        return super().send_messages(email_messages)


def test_a_backend_of_the_project_s_own_gets_messages(
    sink: Sink, alice: User, bob: User, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_backend(settings, f"{__name__}.{Signing.__name__}")
    monkeypatch.setattr(Signing, "seen", [])

    ship(alice, bob)

    assert [message.to for message in Signing.seen] == [[alice.email], [bob.email]]
    assert all(isinstance(message, EmailMultiAlternatives) for message in Signing.seen)
    assert sink.addresses == [alice.email, bob.email]


@pytest.mark.parametrize(("batch_time", "sizes"), [(60, [2, 4]), (0, [2, 2])])
def test_a_server_is_given_more_at_a_time_as_long_as_it_is_quick(
    sink: Sink,
    make_person: MakePerson,
    monkeypatch: pytest.MonkeyPatch,
    batch_time: int,
    sizes: list[int],
) -> None:
    asked: list[int] = []

    def listen(rows: Any, limit: int = 1) -> list[EmailNotification]:
        found = claim(rows, limit)
        asked.append(len(found))
        return found

    monkeypatch.setattr(sender, "claim", listen)
    monkeypatch.setattr(sender, "BATCH", 2)
    monkeypatch.setattr(sender, "BATCH_TIME", timedelta(seconds=batch_time))

    ship(*(make_person() for _ in range(6)))

    assert asked[:2] == sizes
    assert set(EmailNotification.objects.values_list("status", "attempts")) == {(Status.SENT, 1)}
