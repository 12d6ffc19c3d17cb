"""The seed's tables, with all the indexes that its ancestor has: some of them twice."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.db import models
from django.utils import timezone

from benchmarks.project.models import Person


def in_three_days() -> datetime:
    """Return when a row that is written now may go."""
    return timezone.now() + timedelta(hours=72)


class EventLog(models.Model):
    """What was published."""

    objects: ClassVar[models.Manager[EventLog]] = models.Manager()

    event_type = models.CharField(max_length=50)
    payload: models.JSONField[Any, dict[str, Any]] = models.JSONField()
    processed = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    delete_at = models.DateTimeField(default=in_three_days, db_index=True)

    def __str__(self) -> str:
        return self.event_type


class NotifiableEvent(models.Model):
    """One person, one event."""

    objects: ClassVar[models.Manager[NotifiableEvent]] = models.Manager()

    event_type = models.CharField(max_length=50, db_index=True)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="seed_events")
    params: models.JSONField[Any, dict[str, Any]] = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)
    delete_at = models.DateTimeField(default=in_three_days, db_index=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["person"], name="seed_told_person")]

    def __str__(self) -> str:
        return self.event_type


class NotificationPreference(models.Model):
    """One record for each person."""

    class Type(models.TextChoices):
        """Where to be told."""

        APPS = "apps"
        EMAIL = "email"
        BOTH = "both"
        NONE = "none"

    objects: ClassVar[models.Manager[NotificationPreference]] = models.Manager()

    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="seed_preference")
    product_notifications = models.CharField(max_length=10, choices=Type, default=Type.BOTH)

    def __str__(self) -> str:
        return self.product_notifications


class AppNotificationTemplate(models.Model):
    """The text in the app."""

    objects: ClassVar[models.Manager[AppNotificationTemplate]] = models.Manager()

    event_type = models.CharField(max_length=50, primary_key=True)
    title_template = models.CharField(max_length=400)
    message_template = models.CharField(max_length=4000)
    permitted_params = models.CharField(max_length=500)

    def __str__(self) -> str:
        return self.event_type


class EmailNotificationTemplate(models.Model):
    """The text by e-mail."""

    objects: ClassVar[models.Manager[EmailNotificationTemplate]] = models.Manager()

    event_type = models.CharField(max_length=50, primary_key=True)
    title = models.CharField(max_length=400)
    template = models.CharField(max_length=4000)
    permitted_params = models.CharField(max_length=500)

    def __str__(self) -> str:
        return self.event_type


class AppNotification(models.Model):
    """One in the app."""

    objects: ClassVar[models.Manager[AppNotification]] = models.Manager()

    event = models.ForeignKey(NotifiableEvent, on_delete=models.CASCADE)
    title = models.CharField(max_length=400)
    message = models.CharField(max_length=4000)
    is_read = models.BooleanField(default=False, db_index=True)
    read_at = models.DateTimeField(null=True, db_index=True)
    created_at = models.DateTimeField(auto_now_add=True)
    delete_at = models.DateTimeField(default=in_three_days, db_index=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["event"], name="seed_app_event")]

    def __str__(self) -> str:
        return self.title


class EmailNotification(models.Model):
    """One by e-mail."""

    objects: ClassVar[models.Manager[EmailNotification]] = models.Manager()

    event = models.ForeignKey(NotifiableEvent, on_delete=models.CASCADE)
    title = models.CharField(max_length=400)
    body = models.CharField(max_length=4000)
    sent_at = models.DateTimeField(auto_now_add=True, db_index=True)
    created_at = models.DateTimeField(auto_now_add=True)
    delete_at = models.DateTimeField(default=in_three_days, db_index=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["event"], name="seed_mail_event")]

    def __str__(self) -> str:
        return self.title
