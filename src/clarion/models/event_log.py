"""EventLog: what happened, as it was published."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from clarion.database.expiry_index import ExpiryIndex
from clarion.events import EventTypes
from clarion.events.event_type import SUBJECT_LIMIT
from clarion.models.work import Work, due_index

if TYPE_CHECKING:
    from clarion.models.handler_run import HandlerRun


class Withdrawal(models.TextChoices):
    """Why an event reaches nobody any more. Codes are stored: rename none."""

    RETRACTED = "retracted", _("it was taken back")
    RESOLVED = "resolved", _("what it is about is settled")


class EventLog(Work):
    """One published event. It is `done` when every handler is, `dead` when one of them gave up."""

    event_type = models.CharField(_("event type"), max_length=100)
    payload_version = models.PositiveSmallIntegerField(_("payload version"), default=1)
    payload: models.JSONField[Any, dict[str, Any]] = models.JSONField(_("payload"), encoder=DjangoJSONEncoder)
    idempotency_key = models.CharField(  # noqa: DJ001  # null, so that events without a key never collide
        _("idempotency key"), max_length=200, null=True, blank=True, help_text=_("Unique per event type.")
    )

    subject = models.CharField(
        _("subject"),
        max_length=SUBJECT_LIMIT,
        blank=True,
        default="",
        help_text=_("What it is about, such as “product:7”. What settles the subject resolves its events."),
    )
    withdrawal = models.CharField(_("withdrawal"), max_length=10, choices=Withdrawal, blank=True, default="")

    run: HandlerRun | None = None
    """The run whose handler holds this event now; None outside handlers."""

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        permissions: ClassVar = [("read_eventlog", "Can read the payloads of events")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["event_type", "idempotency_key"], name="clarion_event_idempotency"
            )
        ]
        indexes: ClassVar = [
            due_index("clarion_event_due"),
            ExpiryIndex(name="clarion_event_expiry"),
            models.Index(fields=["subject"], name="clarion_event_subject", condition=~models.Q(subject="")),
        ]

    def __str__(self) -> str:
        return f"{self.event_type} #{self.pk}"

    @property
    def display_name(self) -> str:
        """The event type's translated name, or its bare name once it is no longer declared."""
        return EventTypes.display_name(self.event_type)
