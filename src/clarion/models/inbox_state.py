"""InboxState: what a person's own hand has done to their inbox, and how they want to use it."""

from __future__ import annotations

from django.db import models
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from clarion.conf import person_model_name


class InboxState(models.Model):
    """One small row per person who has ever touched their inbox.

    Only the person's own actions write it. What arrives does not: a fan-out to a million people would
    have to update a million rows. So a version of the inbox takes the newest notification and the unread
    count together with `version`.
    """

    person = models.OneToOneField(
        person_model_name(),
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="inbox_state",
        verbose_name=_("person"),
    )
    version = models.PositiveBigIntegerField(_("version"), default=0)
    single_key_shortcuts = models.BooleanField(_("single-key shortcuts"), default=True)

    class Meta:
        verbose_name = _("inbox state")
        verbose_name_plural = _("inbox states")

    def __str__(self) -> str:
        return f"inbox state of person #{self.pk}"

    @classmethod
    def touch(cls, person: models.Model) -> None:
        """Count one more change by the person."""
        if not cls._default_manager.filter(pk=person.pk).update(version=F("version") + 1):
            state, is_new = cls._default_manager.get_or_create(pk=person.pk, defaults={"version": 1})
            if not is_new:  # another tab was first
                cls._default_manager.filter(pk=state.pk).update(version=F("version") + 1)
