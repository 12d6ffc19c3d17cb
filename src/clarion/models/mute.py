"""Mute: a subject that a person wants to hear nothing more of."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from clarion.conf import person_model_name

SUBJECT_LIMIT = 200
TITLE_LIMIT = 400


class Mute(models.Model):
    """One person, one subject, such as "product:12": whatever happens to it, on no channel.

    What is mandatory passes all the same.
    """

    person = models.ForeignKey(
        person_model_name(),
        on_delete=models.CASCADE,
        related_name="notification_mutes",
        db_index=False,
        verbose_name=_("person"),
    )
    subject = models.CharField(_("subject"), max_length=SUBJECT_LIMIT)
    title = models.CharField(
        _("title"),
        max_length=TITLE_LIMIT,
        blank=True,
        default="",
        help_text=_("What the person was reading when they muted it, for them to recognise it by."),
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("mute")
        verbose_name_plural = _("mutes")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "subject"], name="clarion_muted_once")
        ]

    def __str__(self) -> str:
        return f"mute #{self.pk}"
