"""`manage.py check`: each misconfiguration has an id of its own and names its fix."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

import django
import pytest
from django.core.checks import ERROR, CheckMessage, run_checks
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from pydantic import BaseModel
from pytest_django import Settings

from clarion.events import AppText, EmailText
from clarion.testing import registered
from tests.integration.happenings import happening, happenings

pytestmark = pytest.mark.django_db

ROOT = str(Path(__file__).parents[3])
SMTP = "django.core.mail.backends.smtp.EmailBackend"


class Weather(BaseModel):
    sky: str


def check(*, deploy: bool = False) -> list[CheckMessage]:
    """Run every check; return what those of Clarion say."""
    messages = run_checks(include_deployment_checks=deploy)
    return [message for message in messages if str(message.id).startswith("clarion.")]


def the_one(messages: list[CheckMessage], check_id: str) -> CheckMessage:
    assert [message.id for message in messages] == [check_id]
    (message,) = messages
    assert (message.level >= ERROR) == (check_id[len("clarion.")] == "E")
    return message


def configure(settings: Settings, **changes: Any) -> None:
    settings.CLARION = {**settings.CLARION, **changes}


def send_by(settings: Settings, backend: str, timeout: int | None) -> None:
    if django.VERSION >= (6, 1):
        options = {"host": "localhost", "timeout": timeout} if backend == SMTP else {}
        settings.MAILERS = {"default": {"BACKEND": backend, "OPTIONS": options}}
    else:
        settings.EMAIL_BACKEND, settings.EMAIL_TIMEOUT = backend, timeout


def test_a_sound_project_hears_nothing() -> None:
    assert check() == []


def test_e001_bad_settings(settings: Settings) -> None:
    settings.CLARION = {"RETENTOIN": timedelta(days=3)}

    for deploy in (False, True):
        message = the_one(check(deploy=deploy), "clarion.E001")
        assert message.msg == "CLARION['RETENTOIN']: Extra inputs are not permitted"
        assert message.hint == "Correct the key in CLARION."


def test_e002_an_engine_that_cannot_be_loaded(settings: Settings) -> None:
    configure(settings, ENGINE="clarion.bus.engines.warp.WarpEngine")

    for deploy in (False, True):
        message = the_one(check(deploy=deploy), "clarion.E002")
        assert "'clarion.bus.engines.warp.WarpEngine' cannot be imported" in message.msg
        assert "'clarion.contrib.django_q2.engine.DjangoQ2Engine'" in str(message.hint)


@pytest.mark.parametrize("name", ["people.Person", "auth.Usher", "nonsense"])
def test_e003_a_person_model_that_is_none(settings: Settings, name: str) -> None:
    settings.CLARION_PERSON_MODEL = name

    message = the_one(check(), "clarion.E003")
    assert message.msg == f"CLARION_PERSON_MODEL: there is no model '{name}'."
    assert message.hint == "Set CLARION_PERSON_MODEL to 'app_label.ModelName' of an installed model."


def test_e004_a_declared_text_that_breaks_the_contract() -> None:
    texts = (AppText(title="{text}", message="{text} in {place}"), EmailText(title="{text}", template="{0}"))
    with registered(happening(texts=texts)):
        by_app, by_email = check()

    assert (by_app.id, by_email.id) == ("clarion.E004", "clarion.E004")
    assert by_app.msg.startswith("test.happened (en) message_template: line 1, column 11, in ")
    assert "{place}" in by_app.msg
    assert by_app.msg.endswith("permitted parameters: {text}")
    assert by_email.msg.startswith("test.happened (en) template: line 1, column 1, in ")
    assert by_app.hint == by_email.hint == "Correct the text where test.happened is declared."


def test_e006_a_mail_backend_that_cannot_be_loaded(settings: Settings) -> None:
    send_by(settings, "shop.mail.PigeonBackend", None)

    message = the_one(check(), "clarion.E006")
    assert message.msg.startswith("The mail backend cannot be loaded: ")
    assert message.hint == "Name an e-mail backend that can be imported."


def test_w001_people_without_an_address(settings: Settings) -> None:
    settings.CLARION_PERSON_MODEL = "auth.Group"

    message = the_one(check(), "clarion.W001")
    assert message.msg == "auth.Group has no `email`."
    assert message.hint == "Give it a field or a property `email`; without one nobody is sent an e-mail."


def test_w002_a_database_that_cannot_be_asked(tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "PYTHONPATH": ROOT,
        "CLARION_TEST_DB_NAME": str(tmp_path / "nowhere" / "db")
        if connection.vendor == "sqlite"
        else "nowhere",
    }
    # By tag, because Django 6.1 has a check of its own that needs the database.
    command = [sys.executable, "-m", "django", "check", "--tag=templates"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 0, "a warning stops nothing"
    assert "(clarion.W002) Stored templates were not checked: " in done.stderr
    assert "HINT: Run `manage.py check` again once the database answers and is migrated." in done.stderr


def test_w003_work_within_web_requests(settings: Settings) -> None:
    message = the_one(check(deploy=True), "clarion.W003")
    assert message.msg == "The immediate engine creates notifications and sends mail within web requests."
    assert message.hint == "Install django-clarion[q2] and set CLARION['ENGINE'] to the Django-Q2 engine."

    configure(settings, ENGINE="clarion.contrib.django_q2.engine.DjangoQ2Engine")
    assert check(deploy=True) == []


def test_w004_mails_that_cannot_link_back(settings: Settings) -> None:
    settings.CLARION = {"ENGINE": "clarion.contrib.django_q2.engine.DjangoQ2Engine"}

    message = the_one(check(deploy=True), "clarion.W004")
    assert message.msg == "E-mails cannot link back to this site."
    assert message.hint == "Set CLARION['BASE_URL'], such as 'https://shop.example'."


def test_w005_a_retention_shorter_than_the_retries() -> None:
    with registered(happening(retention=timedelta(hours=1))):
        message = the_one(check(), "clarion.W005")

    assert message.msg == "test.happened is kept for 1:00:00, but its retries may take 1:19:22.500000."
    assert message.hint == "Lengthen the retention, or lower CLARION['MAX_ATTEMPTS']."


def test_w006_a_mail_server_without_a_time_limit(settings: Settings) -> None:
    send_by(settings, SMTP, None)

    message = the_one(check(), "clarion.W006")
    assert message.msg == "No time limit for the mail server is set: one that hangs holds a worker."
    assert message.hint == "Set EMAIL_TIMEOUT = 30, or with MAILERS the option `timeout`."

    send_by(settings, SMTP, 30)
    assert check() == []


@pytest.fixture
def connect(monkeypatch: pytest.MonkeyPatch, transactional_db: None) -> Iterator[Callable[..., None]]:
    """A function that connects to the database anew, with these options alone."""

    def connect(**options: Any) -> None:
        monkeypatch.setitem(connection.settings_dict, "OPTIONS", options)
        connection.close()

    yield connect
    connection.close()


@pytest.mark.skipif(connection.vendor != "sqlite", reason="about SQLite")
class TestW007SQLiteThatRefusesToWait:
    SOUND: ClassVar[dict[str, Any]] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL",
    }

    @pytest.fixture(autouse=True)
    def _workers(self, settings: Settings) -> None:
        configure(settings, ENGINE="clarion.contrib.django_q2.engine.DjangoQ2Engine")

    @pytest.mark.parametrize(
        ("changes", "missing"),
        [
            ({"transaction_mode": None}, "BEGIN IMMEDIATE"),
            ({"init_command": "PRAGMA journal_mode=DELETE"}, "WAL"),
            ({"timeout": 5}, "a timeout above 5 seconds"),
            (
                {"transaction_mode": "DEFERRED", "timeout": 1, "init_command": "PRAGMA journal_mode=DELETE"},
                "BEGIN IMMEDIATE, WAL, a timeout above 5 seconds",
            ),
        ],
    )
    def test_is_told_what_it_lacks(
        self, connect: Callable[..., None], changes: dict[str, Any], missing: str
    ) -> None:
        connect(**{**self.SOUND, **changes})

        message = the_one(check(), "clarion.W007")
        assert message.msg == (
            f"SQLite refuses writes when web and workers write at once. It lacks {missing}."
        )
        assert message.hint == f"Set its OPTIONS to {json.dumps(self.SOUND)}."

    def test_is_sound_as_the_hint_has_it(self, connect: Callable[..., None]) -> None:
        connect(**self.SOUND)
        assert check() == []

        connect(transaction_mode="immediate", timeout=6)
        assert check() == [], "WAL stays with the file"

    def test_is_no_trouble_with_one_process(self, connect: Callable[..., None], settings: Settings) -> None:
        connect(init_command="PRAGMA journal_mode=DELETE")
        configure(settings, ENGINE="clarion.bus.engines.immediate.ImmediateEngine")

        assert check() == []
        assert {message.id for message in check(deploy=True)} == {"clarion.W003", "clarion.W007"}


def test_w008_a_stored_text_that_the_payload_has_left_behind() -> None:
    with happenings():
        pass
    sky = (AppText(title="{sky}", message=""), EmailText(title="{sky}", template="{sky}"))
    with registered(happening(payload=Weather, texts=sky)):
        messages = check()

    assert {message.id for message in messages} == {"clarion.W008"}
    assert any(
        message.msg.startswith("test.happened (en) title_template: line 1, column 7, in ")
        and message.msg.endswith("permitted parameters: {sky}")
        and str(message.hint).startswith("Correct app notification template #")
        for message in messages
    )


def test_e013_a_database_that_was_not_migrated(settings: Settings) -> None:
    configure(settings, ENGINE="clarion.contrib.django_q2.engine.DjangoQ2Engine")
    MigrationRecorder(connection).record_unapplied("clarion", "0002_digests")

    message = the_one(check(deploy=True), "clarion.E013")
    assert message.msg == "Clarion's migrations are not applied: 0002_digests."
    assert message.hint == "Run `manage.py migrate`."
    assert check() == [], "migrating is what begins with a check"


def test_the_engine_s_own_checks_are_among_them(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    from django_q.conf import Conf

    monkeypatch.setattr(Conf, "MAX_ATTEMPTS", 0)
    assert check() == []

    configure(settings, ENGINE="clarion.contrib.django_q2.engine.DjangoQ2Engine")
    assert the_one(check(), "clarion.E105").hint == "Set it to 5."
