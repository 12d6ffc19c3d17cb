"""World: the people, and tables that are as full as they are after a while."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from django.core.management import call_command
from django.db import connection
from django.db.models import F, Model
from django.utils import timezone
from notifications.models import Notification
from vintasend_django.models import Notification as Mail

from benchmarks.bench import Bench, tidy
from benchmarks.peers import hq, vintasend
from benchmarks.peers.seed import flow
from benchmarks.peers.seed import models as seed
from benchmarks.project.engine import work
from benchmarks.project.events import CREATED, payload
from benchmarks.project.models import Person
from benchmarks.rows import fan_out_models, multiply, series
from clarion.bus import get_event_bus
from clarion.models import AppNotification, ChannelPause, EmailNotification, NotificationPreference, Status

CHUNK = 10_000
"""Rows that are written by their owner; the rest are copies of them."""

SEED_MODELS: list[type[Model]] = [
    seed.EventLog,
    seed.NotifiableEvent,
    seed.AppNotification,
    seed.EmailNotification,
]


def migrate() -> None:
    """Make the tables."""
    call_command("migrate", run_syncdb=True, verbosity=0, skip_checks=True)


def add_people(number: int) -> None:
    """Add people, numbered from 1, who want to be told in both ways; all by the database."""
    true = "true" if connection.vendor == "postgresql" else "1"
    both = '{"product": "both"}'
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {Person._meta.db_table} (id, password, email, is_active) "
            f"SELECT n, '!', 'person-' || n || '@bench.example', {true} FROM {series(str(number))}"
        )
        cursor.execute(
            f"INSERT INTO {NotificationPreference._meta.db_table} (person_id, categories, event_types) "
            f"SELECT id, '{both}', '{{}}' FROM {Person._meta.db_table}"
        )
        cursor.execute(
            f"INSERT INTO {seed.NotificationPreference._meta.db_table} (person_id, product_notifications) "
            f"SELECT id, 'both' FROM {Person._meta.db_table}"
        )
    tidy(*(model._meta.db_table for model in (Person, NotificationPreference, seed.NotificationPreference)))


def keep_mail() -> None:
    """Have Clarion write mails and not send them: sending is a figure of its own."""
    ChannelPause.begin("email", timedelta(days=30), "mail is measured elsewhere")


def tell(first: int, last: int, event_type: str = CREATED) -> int:
    """Publish an event to people, and be the worker; return the event's key."""
    event = get_event_bus().publish(event_type, payload(first, last))
    work()
    return int(event.pk)


def fill_ours(
    rows: int,
    people: int,
    told_by: Callable[[int, int], object] = tell,
    instead: Mapping[str, str] | None = None,
) -> None:
    """Fill Clarion's tables with so many people told: mails sent, nine of ten items read.

    Args:
        rows: how many people are told, some of them often.
        people: how many there are.
        told_by: what tells the people from the first to the last; one worker in this process by default.
        instead: as of `multiply`.
    """
    chunk = min(CHUNK, rows, people)
    told_by(1, chunk)
    now = timezone.now()
    EmailNotification.objects.update(status=Status.SENT, due_at=None, sent_at=now, finished_at=now)
    AppNotification.objects.alias(rest=F("pk") % 10).exclude(rest=0).update(
        is_read=True, read_at=timezone.now()
    )
    _multiply(fan_out_models(), rows // chunk - 1, people, instead)


def fill_hq(rows: int, people: int) -> None:
    """Fill the table of django-notifications, nine of ten read."""
    chunk = min(CHUNK, rows, people)
    hq.fan_out(payload(1, chunk))
    Notification.objects.alias(rest=F("pk") % 10).exclude(rest=0).update(unread=False)
    _multiply(hq.MODELS, rows // chunk - 1, people)


def fill_seed(rows: int, people: int, instead: Mapping[str, str] | None = None) -> None:
    """Fill the seed's three tables, nine of ten read."""
    flow.install_templates()
    chunk = min(500, rows)
    flow.publish(payload(1, chunk))
    flow.work()
    seed.AppNotification.objects.alias(rest=F("pk") % 10).exclude(rest=0).update(is_read=True)
    _multiply(SEED_MODELS, rows // chunk - 1, people, instead)


def fill_vintasend(rows: int, people: int) -> None:
    """Fill the table of vintasend."""
    chunk = min(500, rows)
    vintasend.fan_out(payload(1, chunk))
    Mail.objects.update(status="SENT")
    _multiply(vintasend.MODELS, rows // chunk - 1, people)


def prepare(bench: Bench, rows: int, people: int) -> None:
    """Make the tables, the people, and so many rows in everybody's tables."""
    bench.say("tables and people")
    migrate()
    add_people(people)
    keep_mail()
    for name, fill in (
        ("ours", fill_ours),
        (hq.NAME, fill_hq),
        ("the seed", fill_seed),
        (vintasend.NAME, fill_vintasend),
    ):
        bench.say(f"{rows:,} rows: {name}")
        fill(rows, people)


def _multiply(
    models: list[type[Model]], copies: int, people: int, instead: Mapping[str, str] | None = None
) -> None:
    multiply(models, copies, people, instead=instead)
    tidy(*(model._meta.db_table for model in models))
