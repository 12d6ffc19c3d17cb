"""ChannelPause: a channel that can reach nobody for the time being."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from clarion.database.clock import Now


class ChannelPause(models.Model):
    """Why a channel waits, and until when it is left alone. What is to be delivered waits with it."""

    channel = models.CharField(_("channel"), max_length=50, primary_key=True)
    until = models.DateTimeField(_("until"), help_text=_("Set it to the past to try again at once."))
    error = models.TextField(_("error"), blank=True)

    class Meta:
        verbose_name = _("channel pause")
        verbose_name_plural = _("channel pauses")

    def __str__(self) -> str:
        return self.channel

    @classmethod
    def begin(cls, channel: str, pause: timedelta, error: str) -> None:
        """Pause the channel from now on, on the database's clock; say why."""
        cls._default_manager.update_or_create(
            channel=channel, defaults={"until": Now() + pause, "error": error}
        )

    @classmethod
    def in_force(cls, channel: str) -> models.QuerySet[ChannelPause]:
        """Return the channel's pause, if it is paused now."""
        return cls._default_manager.filter(channel=channel, until__gt=Now())
