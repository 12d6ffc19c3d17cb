"""E-mail: one event's text to many people, over one connection to a sink."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from functools import partial

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.test import override_settings

from benchmarks import world
from benchmarks.bench import Bench, load, per_second
from benchmarks.figures.base import Figure
from benchmarks.project.engine import work
from benchmarks.project.events import CREATED, MESSAGE, payload
from benchmarks.results import OURS, Goal, Result
from benchmarks.sink import sink
from clarion.bus import get_event_bus
from clarion.delivery.message import Words, texts_of
from clarion.jobs import run
from clarion.models import ChannelPause, EmailNotification

DJANGO = "Django's send_messages"
RAW = "smtplib, built beforehand"
SENDER = "bench@bench.example"


class Email(Figure):
    """Of Clarion the sending alone; its mails are in the database before."""

    name = "email"

    def measure(self, bench: Bench) -> Iterator[Result]:
        """See base."""
        mails = bench.size(2_000, 200)
        world.migrate()
        world.add_people(mails)
        result = Result(
            name=f"email-{mails}",
            title=f"{mails:,} mails over one connection",
            database=bench.database,
            unit="mails/s",
            peer=DJANGO,
            limit=RAW,
            goals=(Goal(DJANGO, 1.5), Goal(RAW, 0.6)),
            load=load(),
        )
        with sink() as port, override_settings(EMAIL_PORT=port):
            result.samples = bench.take_turns(
                {
                    OURS: lambda: _ours(mails),
                    DJANGO: lambda: per_second(
                        mails, lambda: get_connection().send_messages(_messages(mails))
                    ),
                    RAW: lambda: _raw(mails, port),
                }
            )
        result.notes = [
            "All send the same plain and HTML parts. Clarion records every outcome in the database."
        ]
        yield result


def _ours(mails: int) -> float:
    world.keep_mail()
    event = get_event_bus().publish(CREATED, payload(1, mails))
    work()
    ChannelPause.objects.all().delete()
    rate = per_second(mails, partial(_send, event.pk))
    sent = EmailNotification.objects.filter(event__event_log=event, status="sent").count()
    if sent != mails:
        raise RuntimeError(f"{sent} of {mails} mails were sent")
    return rate


def _send(event: int) -> None:
    run("send_emails", event)
    work()


def _messages(mails: int) -> list[EmailMultiAlternatives]:
    text = f"{MESSAGE.format(**payload(1, mails))}\n"
    words = Words(
        settings.LANGUAGE_CODE, "New product: A lamp", text, "because you follow new products", "/products/1/"
    )
    plain, html = texts_of(words)
    messages = []
    for number in range(mails):
        to = [f"person-{number}@bench.example"]
        message = EmailMultiAlternatives(words.subject, plain, SENDER, to)
        message.attach_alternative(html, "text/html")
        messages.append(message)
    return messages


def _raw(mails: int, port: int) -> float:
    # Lines end as SMTP wants it, which smtplib sees to for text alone: else a server reads one long line.
    built = [
        (message.to[0], message.message().as_bytes().replace(b"\n", b"\r\n")) for message in _messages(mails)
    ]

    def send() -> None:
        with smtplib.SMTP("127.0.0.1", port) as server:
            for to, content in built:
                server.sendmail(SENDER, [to], content)

    return per_second(mails, send)
