"""The product's own rows."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser
from django.db import models


class Person(AbstractBaseUser):
    """Whom events are told to. A user as well, because the peers can tell users only."""

    USERNAME_FIELD = "email"

    objects: ClassVar[models.Manager[Person]] = models.Manager()

    email = models.EmailField(unique=True)
    is_active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return f"person {self.pk}"


class Mark(models.Model):
    """What a task leaves that does next to nothing."""

    objects: ClassVar[models.Manager[Mark]] = models.Manager()

    number = models.BigIntegerField(db_index=True)

    def __str__(self) -> str:
        return str(self.number)
