"""Digests and several workers, one of which may be killed: each person gets one."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connections
from django.utils import timezone

from clarion.jobs import run
from clarion.models import EmailNotification, Status
from tests.integration.clock import let_pass
from tests.integration.conftest import MakePerson
from tests.integration.email.digests.conftest import wants
from tests.integration.email.digests.mails import fates, order, when_they_come
from tests.integration.email.sink import Sink
from tests.integration.orders import ship

pytestmark = pytest.mark.django_db(transaction=True)


class TestWorkersAtOnce:
    def test_make_one_message_for_each_person(
        self, sink: Sink, make_person: MakePerson, no_workers: None
    ) -> None:
        people = [make_person() for _ in range(30)]
        for person in people:
            wants(person)
        for number in range(8):
            event = ship(*people, order_id=number, item=f"Kite {number}")
            for step in ("dispatch_event", "process_notifications"):
                run(step, event.pk)
            for handler_run in event.runs.all():
                run("run_handler", handler_run.pk)
            run("process_notifications", event.pk)
        assert EmailNotification.objects.count() == 240
        EmailNotification.objects.update(due_at=timezone.now() - timedelta(seconds=1))

        def work(_: int) -> None:
            try:
                run("work", 0)
            finally:
                connections.close_all()

        with ThreadPoolExecutor(4) as workers:
            list(workers.map(work, range(4)))

        assert sorted(sink.addresses) == sorted(person.email for person in people)
        assert {message["Subject"] for message in sink.mails} == {"8 notifications from shop.example"}
        assert set(fates()) == {Status.SENT}

    @pytest.mark.usefixtures("daily")
    def test_leave_a_digest_alone_while_the_server_has_it(self, sink: Sink, alice: User) -> None:
        for number in range(3):
            order(number, alice)
        seen: list[Any] = []

        def look(message: EmailMessage) -> None:
            run("work", 0)
            rows = EmailNotification.objects.values_list("status", "lease_token", "message_id")
            seen.extend(set(rows))
            connections.close_all()

        sink.before_accepting = look
        when_they_come()
        ((status, token, message_id),) = seen
        assert status == Status.RUNNING
        assert token is not None
        assert sink.message_ids == [message_id]

    @pytest.mark.usefixtures("daily", "no_workers")
    def test_after_a_kill_send_the_same_again_and_nothing_is_lost(
        self, sink: Sink, alice: User, process_environment: dict[str, str]
    ) -> None:
        """The one window: the server has said 250, and the worker dies before it can commit."""
        for number in range(3):
            event = ship(alice, order_id=number, item=f"Kite {number}")
            run("work", event.pk)
        assert len(fates()) == 3
        EmailNotification.objects.update(due_at=timezone.now() - timedelta(seconds=1))
        kill_after_the_answer(process_environment, sink.port)
        assert len(sink.mails) == 1

        ship(alice, order_id=9, item="Kite 9")
        run("work", 0)
        assert set(fates()) == {Status.RUNNING, Status.PENDING}
        let_pass(timedelta(days=1))
        run("work", 0)

        assert set(fates()) == {Status.SENT}
        first, again, since = sink.mails
        assert first["Message-ID"] == again["Message-ID"] != since["Message-ID"]
        assert first["Subject"] == again["Subject"] == "3 notifications from shop.example"
        assert since["Subject"] == "Shipped: Kite 9"


def kill_after_the_answer(environment: dict[str, str], port: int) -> None:
    code = (
        "import django; django.setup();"
        "from django.conf import settings;"
        "from tests.integration.email.sink import use_server;"
        f"use_server(settings, {port});"
        "from clarion.jobs import run; run('work', 0)"
    )
    died = subprocess.run(
        [sys.executable, "-c", code],
        env={**environment, "CLARION_FAULTS": "send.after_smtp=kill"},
        check=False,
        capture_output=True,
    )
    assert died.returncode == -9, died.stderr
