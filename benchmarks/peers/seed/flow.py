"""The seed's flow: publish, handle, and a task for each person through Django-Q2's broker in the database."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django_q.brokers import get_broker
from django_q.signing import SignedPackage
from django_q.tasks import async_task

from benchmarks.peers.seed.models import (
    AppNotification,
    AppNotificationTemplate,
    EmailNotification,
    EmailNotificationTemplate,
    EventLog,
    NotifiableEvent,
    NotificationPreference,
)
from benchmarks.project.events import CREATED, MESSAGE, TITLE
from benchmarks.project.models import Person


def install_templates() -> None:
    """Write the two templates."""
    permitted = "name,url,product_id"
    AppNotificationTemplate.objects.create(
        event_type=CREATED, title_template=TITLE, message_template=MESSAGE, permitted_params=permitted
    )
    EmailNotificationTemplate.objects.create(
        event_type=CREATED, title=TITLE, template=MESSAGE, permitted_params=permitted
    )


def publish(payload: dict[str, Any]) -> None:
    """Log the event and queue its handling."""
    log = EventLog.objects.create(event_type=CREATED, payload=payload)
    async_task(handle_product_created, {**payload, "log_id": log.pk})


def handle_product_created(payload: dict[str, Any]) -> None:
    """Create a notifiable event for each person, and queue its processing."""
    people = Person.objects.filter(pk__range=(payload["first"], payload["last"]))
    for person in people:
        event = NotifiableEvent.objects.create(event_type=CREATED, person=person, params=payload)
        async_task(process_notification, {"event_id": event.pk})
    EventLog.objects.filter(pk=payload["log_id"]).update(processed=True)


def process_notification(params: dict[str, int]) -> None:
    """Create one person's notifications, by their preference."""
    with transaction.atomic():
        event = NotifiableEvent.objects.get(pk=params["event_id"])
        preference = NotificationPreference.objects.get(person=event.person)
        wanted, kinds = preference.product_notifications, NotificationPreference.Type
        if wanted in {kinds.APPS, kinds.BOTH}:
            app = AppNotificationTemplate.objects.get(event_type=event.event_type)
            AppNotification.objects.create(
                event=event,
                title=app.title_template.format(**event.params),
                message=app.message_template.format(**event.params),
            )
        if wanted in {kinds.EMAIL, kinds.BOTH}:
            mail = EmailNotificationTemplate.objects.get(event_type=event.event_type)
            EmailNotification.objects.create(
                event=event,
                title=mail.title.format(**event.params),
                body=mail.template.format(**event.params),
            )


def work() -> None:
    """Be a worker of Django-Q2 until the queue is empty, without the cost of its processes."""
    broker = get_broker()
    while broker.queue_size():
        for key, package in broker.dequeue() or []:
            task = SignedPackage.loads(package)
            task["func"](*task["args"])
            broker.acknowledge(key)
