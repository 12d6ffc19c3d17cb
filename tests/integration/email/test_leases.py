"""A worker that outlasts its lease while it sends: who took over goes on, and it stops."""

import logging
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email.message import EmailMessage

import pytest
from django.db import connections
from pytest_django import Settings

from clarion.delivery import session
from clarion.jobs import run
from clarion.models import EmailNotification, Status
from tests.integration.conftest import MakePerson
from tests.integration.email.sink import Sink
from tests.integration.orders import ship
from tests.integration.test_relay import process

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.usefixtures("no_workers")
def test_only_the_mail_in_sending_is_sent_again_and_with_the_same_message_id(
    sink: Sink,
    make_person: MakePerson,
    settings: Settings,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(session, "SHARE_OF_LEASE", 100)  # as if this worker had been stopped meanwhile
    event = ship(*(make_person() for _ in range(3)))
    process(event)
    settings.CLARION = {**settings.CLARION, "LEASE": timedelta(seconds=0.3)}
    sent = EmailNotification.objects.filter(status=Status.SENT)

    def take_over() -> None:
        try:
            while sent.count() < 3:
                run("send_emails", event.pk)
        finally:
            connections.close_all()

    def outlast_the_lease(mail: EmailMessage) -> None:
        sink.before_accepting = lambda mail: None
        with ThreadPoolExecutor(1) as other_worker:
            other_worker.submit(take_over).result()

    sink.before_accepting = outlast_the_lease
    with caplog.at_level(logging.WARNING, logger="clarion"):
        run("send_emails", event.pk)

    first, *others = EmailNotification.objects.order_by("pk")
    assert Counter(sink.message_ids) == {first.message_id: 2} | {mail.message_id: 1 for mail in others}
    assert {(mail.status, mail.attempts) for mail in (first, *others)} == {(Status.SENT, 2)}
    assert caplog.messages == ["lease lost; another worker has this mail"]
