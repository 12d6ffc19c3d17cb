"""The product's own rows: what an event tells of, and what a handler does beside telling."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Happening(models.Model):
    """What happened, and to whom it matters: the people from `first` to `last`."""

    objects: ClassVar[models.Manager[Happening]] = models.Manager()

    number = models.BigIntegerField(unique=True)
    first = models.BigIntegerField()
    last = models.BigIntegerField()
    barred = models.BigIntegerField(default=0)
    """Of those people, the one who may not know of it any more, if any."""
    is_gone = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"happening {self.number}"


class Effect(models.Model):
    """What a handler wrote. Nothing keeps it from being written twice, so that a second one shows."""

    objects: ClassVar[models.Manager[Effect]] = models.Manager()

    number = models.BigIntegerField()
    host = models.CharField(max_length=100)
    place = models.CharField(max_length=100, default="")
    """As the payload said; empty where code wrote it that knows of no places."""

    def __str__(self) -> str:
        return f"effect of {self.number}"
