"""A mail server that never comes to an end is hung up on while the mail is still ours."""

import threading
import time
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from pytest_django import Settings

from clarion.models import EmailNotification, Status
from clarion.testing import assert_notified
from tests.integration.conftest import MakePerson
from tests.integration.email.sink import Sink, use_server
from tests.integration.orders import ship

pytestmark = pytest.mark.django_db


def test_a_server_that_takes_too_long_is_hung_up_on_whatever_its_socket_s_timeout(
    sink: Sink, alice: User, settings: Settings
) -> None:
    use_server(settings, sink.port, timeout=60)
    settings.CLARION = {**settings.CLARION, "LEASE": timedelta(seconds=2)}
    released = threading.Event()
    sink.before_accepting = lambda mail: released.wait(60)
    began = time.monotonic()

    ship(alice)

    assert time.monotonic() - began < 30
    released.set()
    mail = EmailNotification.objects.get()
    assert mail.status == Status.FAILED
    assert mail.error.startswith("AnswerLost")
    assert_notified(alice, "order.shipped", channel="app")


def test_each_mail_has_the_whole_time_for_itself(
    sink: Sink, make_person: MakePerson, settings: Settings
) -> None:
    use_server(settings, sink.port, timeout=60)
    settings.CLARION = {**settings.CLARION, "LEASE": timedelta(seconds=5)}
    unset = threading.Event()
    sink.before_accepting = lambda mail: unset.wait(0.8)

    # Together they take longer than one of them may.
    ship(*(make_person() for _ in range(3)))

    assert set(EmailNotification.objects.values_list("status", "attempts")) == {(Status.SENT, 1)}
