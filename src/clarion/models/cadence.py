"""Cadence: how often a person wants the e-mails of a category, if not at once."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Cadence(models.TextChoices):
    """When the next digest comes. Times are those of the clock on the person's wall."""

    HOURLY = "hourly", _("every hour")
    DAILY = "daily", _("daily at 9:00")
    WEEKLY = "weekly", _("weekly, Mondays at 9:00")
