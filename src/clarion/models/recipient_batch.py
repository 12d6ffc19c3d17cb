"""RecipientBatch: some of the people whom a handler named, to be told together."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from clarion.database.expiry_index import ExpiryIndex
from clarion.models.handler_run import HandlerRun
from clarion.models.work import Work, due_index


class RecipientBatch(Work):
    """What `notify` wrote down. Workers share a large fan-out by taking its batches.

    Once it is done, each of its people has a `NotifiableEvent`.
    """

    run = models.ForeignKey(
        HandlerRun, on_delete=models.CASCADE, related_name="batches", verbose_name=_("handler run")
    )
    people: models.JSONField[Any, list[Any]] = models.JSONField(
        _("people"), encoder=DjangoJSONEncoder, help_text=_("Their primary keys.")
    )
    size = models.PositiveIntegerField(_("number of people"))
    params: models.JSONField[Any, dict[str, Any]] = models.JSONField(
        _("parameters"), default=dict, encoder=DjangoJSONEncoder
    )
    link = models.CharField(_("link"), max_length=2000, blank=True, default="")
    reasons: models.JSONField[Any, dict[str, str]] = models.JSONField(
        _("reasons"), default=dict, help_text=_("By language: why these people should know.")
    )

    class Meta:
        verbose_name = _("batch of recipients")
        verbose_name_plural = _("batches of recipients")
        permissions: ClassVar = [("read_recipientbatch", "Can read what batches of recipients are told")]
        indexes: ClassVar = [due_index("clarion_batch_due"), ExpiryIndex(name="clarion_batch_expiry")]

    def __str__(self) -> str:
        return f"batch #{self.pk}"
