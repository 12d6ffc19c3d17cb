"""SuppressedAddress: an address that no mail is sent to any more."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _


class SuppressedAddress(models.Model):
    """A mail server said that it will never accept mail for this address. Delete the row to try again."""

    address = models.CharField(_("address"), max_length=254, unique=True, help_text=_("In lower case."))
    error = models.TextField(_("error"), blank=True, help_text=_("What the mail server said."))
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("suppressed address")
        verbose_name_plural = _("suppressed addresses")

    def __str__(self) -> str:
        return f"suppressed address #{self.pk}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save in lower case: servers that tell case apart are not met any more."""
        self.address = self.address.lower()
        super().save(*args, **kwargs)

    def clean(self) -> None:
        """Compare in lower case, as it is saved."""
        self.address = self.address.lower()
