"""NotifiableEvent: one person who should know of one event."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clarion.conf import person_model_name
from clarion.database.expiry_index import ExpiryIndex
from clarion.events import EventTypes
from clarion.models.event_log import EventLog
from clarion.models.handler_run import HandlerRun
from clarion.models.lifetime import lifetime_of
from clarion.models.work import Work, due_index

REASON_LIMIT = 255


class NotifiableEvent(Work):
    """Links an event to a person, with the parameters of the text and what was decided per channel."""

    event_log = models.ForeignKey(
        EventLog,
        on_delete=models.CASCADE,
        related_name="notifiable_events",
        null=True,
        blank=True,
        db_index=False,
        verbose_name=_("event"),
    )
    # No constraint in the database, for it would want an index on each of millions of rows: a run goes
    # with its event, which has one.
    run = models.ForeignKey(
        HandlerRun,
        on_delete=models.CASCADE,
        related_name="notifiable_events",
        null=True,
        blank=True,
        db_index=False,
        db_constraint=False,
        verbose_name=_("handler run"),
    )
    event_type = models.CharField(_("event type"), max_length=100)
    person = models.ForeignKey(
        person_model_name(),
        on_delete=models.CASCADE,
        related_name="notifiable_events",
        verbose_name=_("person"),
    )
    params: models.JSONField[Any, dict[str, Any]] = models.JSONField(
        _("parameters"), default=dict, encoder=DjangoJSONEncoder
    )
    link = models.CharField(_("link"), max_length=2000, blank=True, default="")
    reason = models.CharField(
        _("reason"),
        max_length=REASON_LIMIT,
        blank=True,
        default="",
        help_text=_("Why this person should know."),
    )
    outcomes: models.JSONField[Any, dict[str, str]] = models.JSONField(
        _("outcomes"), default=dict, help_text=_("Per channel: what was decided, and the reason's code.")
    )

    class Meta:
        verbose_name = _("notifiable event")
        verbose_name_plural = _("notifiable events")
        permissions: ClassVar = [("read_notifiableevent", "Can read what notifiable events say")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["event_log", "person", "run"], name="clarion_person_told_once")
        ]
        indexes: ClassVar = [
            due_index("clarion_notifiable_due"),
            ExpiryIndex(name="clarion_notifiable_expiry"),
        ]

    def __str__(self) -> str:
        return f"{self.event_type} #{self.pk}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save; a row written without `delete_at` lives as long as its event type says."""
        if self.delete_at is None:
            self.delete_at = timezone.now() + lifetime_of(EventTypes.get(self.event_type)).longest
        super().save(*args, **kwargs)
