"""Transient: a row that is not kept for ever."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Transient(models.Model):
    """When a row came and when it may go. Retention deletes it then, unless work on it goes on."""

    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    delete_at = models.DateTimeField(_("delete at"))

    class Meta:
        abstract = True
