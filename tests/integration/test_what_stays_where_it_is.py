"""One bad row, text, sender or migration stays where it is: what is around it goes on."""

import json
import os
import smtplib
import subprocess
import sys
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.management import call_command

from clarion.bus import get_event_bus, subscribe
from clarion.delivery.repair import rerender
from clarion.delivery.smtp import meaning_of
from clarion.events import EventTypes
from clarion.exceptions import ChannelUnavailable, ImproperlyDeclared, InvalidTemplate, PermanentError
from clarion.models import (
    AppNotificationTemplate,
    EmailNotification,
    EventLog,
    NotifiableEvent,
    NotificationPreference,
)
from clarion.notifiers import notify
from clarion.placeholders import check
from clarion.testing import commit
from tests.integration.happenings import happen, happenings
from tests.integration.orders import ship

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).parents[2]


@pytest.mark.proves_most_on("sqlite", reason="it makes databases of its own, on SQLite")
@pytest.mark.parametrize("target", [["auth"], ["django_q"], ["clarion"], ["clarion", "zero"], []])
def test_a_project_may_be_migrated_in_part(target: list[str], tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "PYTHONPATH": str(ROOT),
        "CLARION_TEST_DB": "sqlite",
        "CLARION_TEST_DB_NAME": str(tmp_path / "db.sqlite3"),
    }
    command = [sys.executable, "-m", "django", "migrate", "-v0", *target]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("code", [550, 551, 553])
def test_a_server_that_refuses_our_own_address_is_unavailable_and_kills_no_mail(code: int) -> None:
    refused = smtplib.SMTPSenderRefused(code, b"not from here", "shop@shop.example")
    assert isinstance(meaning_of(refused), ChannelUnavailable)
    assert isinstance(meaning_of(smtplib.SMTPSenderRefused(552, b"too large", "")), PermanentError)


def test_a_reason_keeps_no_character_that_a_database_cannot_hold(alice: User) -> None:
    def handler(event: EventLog) -> None:
        notify(event, people=[alice], reason="be\ud800cause\0 of it")

    with happenings(handler):
        happen()

    assert NotifiableEvent.objects.get().reason == "because of it"


def test_a_fixture_is_held_to_the_contract_too(tmp_path: Path) -> None:
    fields = {"event_type": "order.shipped", "locale": "fr", "title_template": "{x.__class__}"}
    fixture = tmp_path / "broken.json"
    fixture.write_text(json.dumps([{"model": "clarion.appnotificationtemplate", "fields": fields}]))

    with pytest.raises(ValidationError, match="permitted parameters"):
        call_command("loaddata", str(fixture), verbosity=0)
    assert not AppNotificationTemplate.objects.filter(locale="fr").exists()


def test_a_repair_goes_past_what_is_no_longer_declared_and_clears_the_error_it_mends(alice: User) -> None:
    def handler(event: EventLog) -> None:
        notify(event, people=[alice])

    with happenings(handler, texts=()):
        happen()
    AppNotificationTemplate.objects.filter(event_type="order.shipped").delete()
    ship(alice)
    told = NotifiableEvent.objects.get(event_type="order.shipped")
    assert told.error.startswith("app: TemplateMissing")
    call_command("clarion", "install-templates", verbosity=0)

    assert rerender() == (1, 1)
    told.refresh_from_db()
    assert told.error == ""
    assert "test.happened" not in EventTypes


def test_a_mail_written_by_hand_gets_its_message_id_address_and_language(alice: User) -> None:
    told = NotifiableEvent.objects.create(event_type="stock.counted", person=alice, params={"items": 1})
    written = EmailNotification.objects.create(event=told, subject="By hand", body="Hello")

    assert written.message_id.endswith("@shop.example>")
    assert (written.address, written.language) == (alice.email, "en")


def test_a_mail_never_links_to_what_people_may_not_follow(alice: User) -> None:
    params = {"order_id": 1, "item": "Kite", "url": "/", "person_ids": []}
    told = NotifiableEvent.objects.create(
        event_type="order.shipped", person=alice, params=params, link="javascript:alert(1)"
    )
    with commit():
        get_event_bus().enqueue_task("process_notification", {"event_id": told.pk}, "order.shipped")

    assert "javascript" not in str(mail.outbox[0].message())


@pytest.mark.parametrize("unseen", ["\u115f", "\u180e", "\u2028", "\u2061", "\u206a", "\u3164", "\ufff9"])
def test_a_template_with_characters_that_cannot_be_seen_is_refused(unseen: str) -> None:
    with pytest.raises(InvalidTemplate):
        check(f"pay{unseen}pal", ())


def test_a_handler_whose_path_cannot_be_stored_is_refused_when_it_is_declared() -> None:
    def handler(event: EventLog) -> None: ...

    handler.__qualname__ = "h" * 201
    with pytest.raises(ImproperlyDeclared, match="shorter name"):
        subscribe("order.shipped")(handler)


def test_a_preference_keeps_only_choices_that_there_are(alice: User) -> None:
    with pytest.raises(ValidationError, match="apps, email, both, none"):
        NotificationPreference.objects.create(person=alice, categories={"orders": "pigeon"})
