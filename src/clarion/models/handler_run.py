"""HandlerRun: one handler's own run of one event, so that handlers fail and retry alone."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from clarion.database.expiry_index import ExpiryIndex
from clarion.models.event_log import EventLog
from clarion.models.work import Work, due_index


class HandlerRun(Work):
    """What became of one handler for one event."""

    event = models.ForeignKey(
        EventLog, on_delete=models.CASCADE, related_name="runs", db_index=False, verbose_name=_("event")
    )
    handler = models.CharField(
        _("handler"),
        max_length=200,
        help_text=_("Dotted path of the function; empty for people who were named outside of handlers."),
    )

    class Meta:
        verbose_name = _("handler run")
        verbose_name_plural = _("handler runs")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["event", "handler"], name="clarion_run_once")
        ]
        indexes: ClassVar = [due_index("clarion_run_due"), ExpiryIndex(name="clarion_run_expiry")]

    def __str__(self) -> str:
        return f"{self.handler} #{self.pk}"
