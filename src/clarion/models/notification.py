"""Notification: what every channel's rows have in common."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from clarion.conf import person_model_name
from clarion.models.notifiable_event import NotifiableEvent
from clarion.models.transient import Transient


class Notification(Transient):
    """One person's notification on one channel; at most one for each notifiable event."""

    event = models.OneToOneField(
        NotifiableEvent, on_delete=models.CASCADE, verbose_name=_("notifiable event")
    )
    # The notifiable event's own, kept here for the inbox to read: it goes with the event, so the database
    # need not check it again nor look for it when a person is deleted.
    person = models.ForeignKey(
        person_model_name(),
        on_delete=models.DO_NOTHING,
        db_index=False,
        db_constraint=False,
        verbose_name=_("person"),
    )
    link = models.CharField(_("link"), max_length=2000, blank=True, default="")
    is_fallback = models.BooleanField(
        _("fallback"),
        default=False,
        help_text=_("The template was missing or broken; the text is a stand-in."),
    )

    template_version = models.CharField(
        _("template version"),
        max_length=12,
        blank=True,
        default="",
        help_text=_("Fingerprint of the template it was rendered from; empty for a stand-in."),
    )

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save; person and lifetime come from the notifiable event where they are not given."""
        if self.person_id is None:
            self.person_id = self.event.person_id
        if self.delete_at is None:
            self.delete_at = self.event.delete_at
        super().save(*args, **kwargs)
