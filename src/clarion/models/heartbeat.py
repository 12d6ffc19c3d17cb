"""Heartbeat: when a process that must always run was last seen."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from clarion.database.clock import Now


class Heartbeat(models.Model):
    """One row for each kind of process, on the database's clock."""

    name = models.CharField(_("name"), max_length=50, primary_key=True)
    beat_at = models.DateTimeField(_("last seen at"), db_default=Now())

    class Meta:
        verbose_name = _("heartbeat")
        verbose_name_plural = _("heartbeats")

    def __str__(self) -> str:
        return self.name

    @classmethod
    def beat(cls, name: str) -> None:
        """Say that a process of this name is alive."""
        if not cls._default_manager.filter(name=name).update(beat_at=Now()):
            cls._default_manager.bulk_create([cls(name=name)], ignore_conflicts=True)

    @classmethod
    def last(cls, name: str) -> datetime | None:
        """Return when a process of this name was last seen; None if never."""
        return cls._default_manager.filter(name=name).values_list("beat_at", flat=True).first()
