"""What happens in the example project, and what is seen there. These functions run in its console."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NamedTuple

from django.db.models import Count, F
from django.utils import timezone
from django.utils.module_loading import import_string

from clarion.inbox.service import NotificationService
from clarion.models import (
    AppNotification,
    ChannelPause,
    EmailNotification,
    EventLog,
    HandlerRun,
    NotifiableEvent,
    RecipientBatch,
)
from clarion.models.work import UNFINISHED, Status

WORK = (EventLog, HandlerRun, RecipientBatch, NotifiableEvent, EmailNotification)
"""What workers bring to an end, in the order of the pipeline."""


def create_products(names: Sequence[str], login: str, organisation: str = "") -> list[int]:
    """Create products of a person, or of an organisation; return their keys."""
    owner = organisation_of(organisation) if organisation else None
    return [service().create_product({"name": name}, person(login), owner).pk for name in names]


def rename_product(key: int, name: str) -> None:
    service().update_product(product(key), {"name": name})


def delete_product(key: int) -> None:
    service().delete_product(product(key))


def hand_over_to_an_empty_organisation(key: int) -> None:
    """Give a product to an organisation in which nobody has a role, and take its own managers away."""
    handed_over = product(key)
    handed_over.roles.all().delete()
    handed_over.organisation = _example("organisations.models.Organisation").objects.create(name="Empty")
    handed_over.person = None
    handed_over.save()


def person(login: str) -> Any:
    return _example("people.models.Person").objects.get(user__username=login)


def organisation_of(name: str) -> Any:
    return _example("organisations.models.Organisation").objects.get(name=name)


def product(key: int) -> Any:
    return _example("products.models.Product").objects.get(pk=key)


def service() -> Any:
    return _example("products.services.ProductManagementService")()


def _example(path: str) -> Any:
    # Named, not imported: mypy reads these functions with the settings of the tests, where no such apps are.
    return import_string(path)


class Item(NamedTuple):
    """What stands in an inbox."""

    title: str
    message: str
    link: str


def inbox(login: str) -> list[Item]:
    """Read a person's inbox, the newest item first."""
    page = NotificationService().get_notifications(person(login))
    return [Item(item.title, item.message, item.link) for item in page.items]


def outcomes() -> dict[str, dict[str, str]]:
    """Return what was decided for each person, by login."""
    told: Any = NotifiableEvent.objects  # whose person has a user only in the example
    return {row.person.user.username: row.outcomes for row in told.select_related("person__user")}


class Mail(NamedTuple):
    """How far a mail is."""

    status: str
    attempts: int
    error: str
    waits: bool
    is_sent: bool


def mails() -> list[Mail]:
    """Return how far each mail is."""
    now = timezone.now()
    return [
        Mail(
            mail.status,
            mail.attempts,
            mail.error,
            mail.status == Status.FAILED and mail.due_at is not None and mail.due_at > now,
            mail.sent_at is not None,
        )
        for mail in EmailNotification.objects.order_by("pk")
    ]


def let_an_hour_pass() -> None:
    """Make everything that waits an hour older, on the database's clock."""
    for model in WORK:
        model._default_manager.filter(status__in=(Status.PENDING, Status.FAILED)).update(
            due_at=F("due_at") - timedelta(hours=1)
        )
    ChannelPause.objects.update(until=F("until") - timedelta(hours=1))


@dataclass(frozen=True)
class Tally:
    """How many rows there are, and how far they are."""

    products: int
    events: int
    handled: int
    """Runs of the handlers in `products`, done."""
    told: int
    told_twice: int
    processed: int
    app_notifications: int
    emails: int
    sent: int
    message_ids: frozenset[str]
    dead: int


def unfinished() -> int:
    """Return how many rows some worker must still bring to an end.

    Each kind is counted after the one it comes from, so what moves on meanwhile is not missed.
    """
    return sum(model._default_manager.filter(status__in=UNFINISHED).count() for model in WORK)


def tally() -> Tally:
    """Count everything."""
    told = NotifiableEvent.objects.all()
    return Tally(
        products=_example("products.models.Product").objects.count(),
        events=EventLog.objects.count(),
        handled=HandlerRun.objects.filter(handler__startswith="products.", status="done").count(),
        told=told.count(),
        told_twice=told.values("event_log", "person").annotate(Count("pk")).filter(pk__count__gt=1).count(),
        processed=told.filter(status="done").count(),
        app_notifications=AppNotification.objects.count(),
        emails=EmailNotification.objects.count(),
        sent=EmailNotification.objects.filter(status="sent").count(),
        message_ids=frozenset(EmailNotification.objects.values_list("message_id", flat=True)),
        dead=sum(model._default_manager.filter(status="dead").count() for model in WORK),
    )
