"""Tells what becomes of each event, by watching the rows."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from clarion.models import EmailNotification, EventLog, HandlerRun, NotifiableEvent


class Narrator:
    """Watches every event after the one with the key `after`, and writes each piece of news once."""

    def __init__(self, write: Callable[[str], None], after: int) -> None:
        self._write = write
        self._settled = after
        self._started = time.monotonic()
        self._told: set[tuple[str, str]] = set()

    @property
    def seconds(self) -> float:
        """How long this has been going on."""
        return time.monotonic() - self._started

    def watch(self) -> bool:
        """Write the news; return whether every event so far has reached everyone it will."""
        events = EventLog.objects.filter(pk__gt=self._settled).order_by("pk")
        rows = events.prefetch_related(
            "runs__batches", "notifiable_events__person", "notifiable_events__emailnotification"
        )
        settled = True
        for event in rows:
            for step, news in _news(event):
                if (step, news) not in self._told:
                    self._told.add((step, news))
                    self._write(f"{self.seconds:6.1f} s  {step:<9}  {news}")
            settled = settled and _is_settled(event)
            if settled:
                self._settled = event.pk
        return settled


def _news(event: EventLog) -> Iterator[tuple[str, str]]:
    yield "published", f"#{event.pk} {event.event_type} “{event.payload['name']}”"
    for run in event.runs.all():
        yield from _news_of_run(run)
    people = [notifiable.person.name for notifiable in event.notifiable_events.all()]
    if people:
        yield "notified", f"#{event.pk} {', '.join(people)}"
    for notifiable in event.notifiable_events.all():
        yield from _news_of_person(notifiable)
    for notifiable in event.notifiable_events.all():
        yield from _news_of_mail(notifiable)


def _news_of_run(run: HandlerRun) -> Iterator[tuple[str, str]]:
    news = f"#{run.event_id} {run.handler.rpartition('.')[2]}"
    if run.error:
        yield "failed", f"{news}, attempt {run.attempts}: {run.error}"
    elif run.is_finished:
        yield "handled", f"{news}: {run.note}" if run.note else news


def _news_of_person(notifiable: NotifiableEvent) -> Iterator[tuple[str, str]]:
    news = f"#{notifiable.event_log_id} {notifiable.person.name}"
    if notifiable.error:
        yield "failed", f"{news}, attempt {notifiable.attempts}: {notifiable.error}"
    if notifiable.is_finished:
        outcomes = (outcome.replace(":", ", ").replace("_", " ") for outcome in notifiable.outcomes.values())
        told = zip(notifiable.outcomes, outcomes, strict=True)
        yield "rendered", f"{news}: " + "; ".join(f"{channel} {outcome}" for channel, outcome in told)


def _news_of_mail(notifiable: NotifiableEvent) -> Iterator[tuple[str, str]]:
    news = f"#{notifiable.event_log_id} {notifiable.person.name}"
    mail = getattr(notifiable, "emailnotification", None)
    if isinstance(mail, EmailNotification):
        if mail.is_sent:
            yield "sent", f"{news} at {mail.address}: “{mail.subject}”"
        elif mail.error:
            yield "failed", f"{news} at {mail.address}, attempt {mail.attempts}: {mail.error}"


def _is_settled(event: EventLog) -> bool:
    batches = [batch for run in event.runs.all() for batch in run.batches.all()]
    people = event.notifiable_events.all()
    mails = [getattr(notifiable, "emailnotification", None) for notifiable in people]
    return all(work is None or work.is_finished for work in (event, *batches, *people, *mails))
