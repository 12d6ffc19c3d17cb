"""vintasend-django: one call, and one row, for each person."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Model
from django.utils import timezone
from vintasend.services.notification_service import NotificationService
from vintasend_django.models import Notification

NAME = "vintasend-django"
PACKAGE = "vintasend-django"
MODELS: list[type[Model]] = [Notification]

BACKEND = "vintasend_django.services.notification_backends.django_db_notification_backend"
ADAPTER = "vintasend_django.services.notification_adapters.django_email.DjangoEmailNotificationAdapter"
RENDERER = (
    "vintasend_django.services.notification_template_renderers.django_templated_email_renderer"
    ".DjangoTemplatedEmailRenderer"
)


def fan_out(payload: dict[str, Any]) -> None:
    """Store one e-mail for each person, to be sent later: written, rendered when it is sent."""
    service = NotificationService([(ADAPTER, RENDERER)], f"{BACKEND}.DjangoDbNotificationBackend")
    later = timezone.now() + timedelta(days=1)
    for person in range(payload["first"], payload["last"] + 1):
        service.create_notification(
            user_id=person,
            notification_type="EMAIL",
            title="product created",
            body_template="product.txt",
            context_name="product",
            context_kwargs={"product_id": payload["product_id"]},
            send_after=later,
            subject_template="product.txt",
        )
