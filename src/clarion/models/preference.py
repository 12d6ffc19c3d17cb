"""NotificationPreference: how one person wants to be told."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from clarion.conf import person_model_name
from clarion.events import EventType, EventTypes
from clarion.models.cadence import Cadence


class NotificationPreference(models.Model):
    """One record per person: a choice per category and, finer, per event type.

    What is not chosen follows the default, `Type.BOTH`, and mails without a cadence go at once.
    """

    class Type(models.TextChoices):
        """Where a person wants to be told."""

        APPS = "apps", _("In the app")
        EMAIL = "email", _("By e-mail")
        BOTH = "both", _("In the app and by e-mail")
        NONE = "none", _("Not at all")

        @property
        def channels(self) -> frozenset[str]:
            """The names of the channels this choice allows."""
            return _CHANNELS[self]

    person = models.OneToOneField(
        person_model_name(),
        on_delete=models.CASCADE,
        related_name="notification_preference",
        verbose_name=_("person"),
    )
    categories: models.JSONField[Any, dict[str, str]] = models.JSONField(
        _("choices by category"), default=dict, blank=True
    )
    event_types: models.JSONField[Any, dict[str, str]] = models.JSONField(
        _("choices by event type"), default=dict, blank=True
    )

    cadences: models.JSONField[Any, dict[str, str]] = models.JSONField(
        _("digests by category"),
        default=dict,
        db_default={},
        blank=True,
        help_text=_("How often the e-mails of a category come, where not at once."),
    )

    quiet_from = models.TimeField(_("quiet from"), null=True, blank=True)
    quiet_until = models.TimeField(_("quiet until"), null=True, blank=True)
    time_zone = models.CharField(
        _("time zone"),
        max_length=64,
        blank=True,
        default="",
        db_default="",
        help_text=_("Such as “Europe/Berlin”."),
    )

    DEFAULT = Type.BOTH

    class Meta:
        verbose_name = _("notification preference")
        verbose_name_plural = _("notification preferences")

    def __str__(self) -> str:
        return f"notification preference #{self.pk}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save choices that exist. What was chosen for an event type that has gone since may stay.

        Raises:
            ValidationError: a choice is none of `Type`, or a cadence none of `Cadence`.
        """
        for field in _VOCABULARIES:
            for choice in getattr(self, field).values():
                self._check_choice(field, choice)
        super().save(*args, **kwargs)

    def clean(self) -> None:
        """Refuse a category, an event type or a choice that does not exist."""
        categories = {category.name for category in EventTypes.categories}
        known = {
            "categories": categories,
            "event_types": {event_type.name for event_type in EventTypes},
            "cadences": categories,
        }
        for field, names in known.items():
            for name, choice in getattr(self, field).items():
                if name not in names:
                    raise ValidationError({field: _("There is no “%(name)s”.") % {"name": name}})
                self._check_choice(field, choice)

    def for_category(self, name: str) -> Type | None:
        """Return what the person chose for a category; None where they did not."""
        return self.Type(self.categories[name]) if name in self.categories else None

    def for_event_type(self, name: str) -> Type | None:
        """Return what the person chose for this very event type; None where they did not."""
        return self.Type(self.event_types[name]) if name in self.event_types else None

    def choice_for(self, event_type: EventType) -> Type:
        """Return the choice in force: the event type's, else its category's, else the default."""
        return (
            self.for_event_type(event_type.name)
            or self.for_category(event_type.category.name)
            or self.DEFAULT
        )

    def cadence_for(self, category: str) -> Cadence | None:
        """Return how often the mails of a category come; None if at once."""
        return Cadence(self.cadences[category]) if category in self.cadences else None

    def _check_choice(self, field: str, choice: str) -> None:
        values = _VOCABULARIES[field].values
        if choice not in values:
            choices = ", ".join(values)
            problem = _("“%(choice)s” is not one of %(choices)s.") % {"choice": choice, "choices": choices}
            raise ValidationError({field: problem})

    @property
    def product_notifications(self) -> Type:
        """The choice for the category “product”."""
        return self.for_category("product") or self.DEFAULT

    @product_notifications.setter
    def product_notifications(self, choice: Type | str) -> None:
        self.categories["product"] = self.Type(choice).value


_CHANNELS = {
    NotificationPreference.Type.APPS: frozenset({"app"}),
    NotificationPreference.Type.EMAIL: frozenset({"email"}),
    NotificationPreference.Type.BOTH: frozenset({"app", "email"}),
    NotificationPreference.Type.NONE: frozenset[str](),
}

_VOCABULARIES: dict[str, type[models.TextChoices]] = {
    "categories": NotificationPreference.Type,
    "event_types": NotificationPreference.Type,
    "cadences": Cadence,
}
