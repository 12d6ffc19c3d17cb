"""Templates: the stored texts of notifications, one per event type and locale."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models.signals import pre_save
from django.dispatch import receiver
from django.utils.translation import gettext_lazy as _

from clarion import placeholders
from clarion.events import EventTypes
from clarion.exceptions import InvalidTemplate, UnknownEventType
from clarion.models.app_notification import MESSAGE_LIMIT, TITLE_LIMIT
from clarion.models.email_notification import SUBJECT_LIMIT

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

VERSION_LENGTH = 12
EMAIL_LIMIT_BYTES = 102 * 1024
"""Gmail clips longer mails."""


class TemplateQuerySet(models.QuerySet["NotificationTemplate"]):
    """Writes in bulk keep the contract too: every text is checked before anything is written."""

    def update(self, **values: Any) -> int:
        """Update, after checking each row as it would become.

        Raises:
            ValidationError: a row would break the contract; nothing is written.
        """
        if isinstance(values.get("locale"), str):
            values["locale"] = _as_looked_up(values["locale"])
        if not self.model.CONTRACT.isdisjoint(values):
            for template in self:
                for name, value in values.items():
                    setattr(template, name, value)
                template.check_contract()
        return super().update(**values)

    def bulk_create(self, objs: Iterable[Any], *args: Any, **options: Any) -> list[Any]:
        """Insert, after checking each template.

        Raises:
            ValidationError: a template breaks the contract; nothing is written.
        """
        templates = list(objs)
        for template in templates:
            template.check_contract()
        return super().bulk_create(templates, *args, **options)

    def bulk_update(self, objs: Iterable[Any], fields: Iterable[str], batch_size: int | None = None) -> int:
        """Save each, all or none. Templates are few: one statement each is cheap enough.

        Raises:
            ValidationError: a template breaks the contract; nothing is written.
        """
        names, templates = list(fields), list(objs)
        with transaction.atomic(using=self.db):
            for template in templates:
                template.save(update_fields=names)
        return len(templates)


class NotificationTemplate(models.Model):
    """A text with `{name}` placeholders, held to the payload schema of its event type."""

    CONTRACT: ClassVar[frozenset[str]] = frozenset({"event_type", "locale", "permitted_params"})
    """The fields that are checked together whenever one of them is written."""

    TEXTS: ClassVar[tuple[str, ...]]
    """The fields that hold texts, the heading first."""

    event_type = models.CharField(_("event type"), max_length=100)
    locale = models.CharField(
        _("locale"),
        max_length=20,
        blank=True,
        help_text=_("Such as “en” or “pt-br”; the project's language if blank."),
    )
    permitted_params = models.CharField(
        _("permitted parameters"),
        max_length=500,
        blank=True,
        help_text=_(
            "Names this template may use, with commas between; every parameter of the event type if blank."
        ),
    )
    installed_digest = models.CharField(max_length=64, blank=True, default="", editable=False)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    objects: ClassVar[models.Manager[Self]] = TemplateQuerySet.as_manager()

    class Meta:
        abstract = True
        base_manager_name = "objects"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["event_type", "locale"], name="%(app_label)s_%(class)s_once")
        ]

    def __str__(self) -> str:
        return f"{self.event_type} ({self.locale})"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save what keeps the contract.

        Raises:
            ValidationError: the template breaks the contract; nothing is written.
        """
        self.check_contract()
        super().save(*args, **kwargs)

    @property
    def permitted(self) -> tuple[str, ...]:
        """The names the texts may use."""
        if not self.permitted_params:
            return EventTypes.get(self.event_type).parameters
        return tuple(name.strip() for name in self.permitted_params.split(",") if name.strip())

    @property
    def digest(self) -> str:
        """A fingerprint of what editors may change: tells an edited template from an installed one."""
        return digest_of([getattr(self, name) for name in (*self.TEXTS, "permitted_params")])

    @property
    def version(self) -> str:
        """The beginning of the fingerprint, as notifications keep it to tell what they were rendered from."""
        return self.digest[:VERSION_LENGTH]

    def clean(self) -> None:
        """Hold the texts to the event type's payload schema.

        Raises:
            ValidationError: by field; a text's error has line, column and the permitted names.
        """
        self.locale = _as_looked_up(self.locale)
        try:
            known = EventTypes.get(self.event_type).parameters
        except UnknownEventType as unknown:
            raise ValidationError({"event_type": str(unknown)}) from None
        if strangers := [name for name in self.permitted if name not in known]:
            raise ValidationError(
                {
                    "permitted_params": _(
                        "%(strangers)s: no parameter of %(event_type)s, which has: %(known)s."
                    )
                    % {
                        "strangers": ", ".join(strangers),
                        "event_type": self.event_type,
                        "known": ", ".join(known),
                    }
                }
            )
        errors: dict[str, StrOrPromise] = {}
        for name in self.TEXTS:
            try:
                placeholders.check(getattr(self, name), self.permitted)
            except InvalidTemplate as invalid:
                errors[name] = str(invalid)
        heading = getattr(self, self.TEXTS[0])
        if "\n" in heading or "\r" in heading:
            errors[self.TEXTS[0]] = _("Keep it to one line.")
        if errors:
            raise ValidationError(errors)

    def check_contract(self) -> None:
        """Check all that can be checked without the database.

        Raises:
            ValidationError: as `clean`, and for empty and overlong texts.
        """
        self.clean_fields()
        self.clean()


def digest_of(texts: Sequence[str]) -> str:
    """Return the fingerprint of a template's texts."""
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()


def _as_looked_up(locale: str) -> str:
    return (locale or settings.LANGUAGE_CODE).lower().replace("_", "-")


class AppNotificationTemplate(NotificationTemplate):
    """The title and message of an inbox item."""

    TEXTS = ("title_template", "message_template")
    CONTRACT = NotificationTemplate.CONTRACT | {*TEXTS, "group_template"}

    title_template = models.CharField(_("title"), max_length=TITLE_LIMIT)
    message_template = models.CharField(_("message"), max_length=MESSAGE_LIMIT, blank=True)
    group_template = models.CharField(
        _("title of a group"),
        max_length=TITLE_LIMIT,
        blank=True,
        default="",
        db_default="",
        help_text=_("For several items that are shown as one. May use {count} and {people} too."),
    )

    class Meta(NotificationTemplate.Meta):
        verbose_name = _("app notification template")
        verbose_name_plural = _("app notification templates")

    @property
    def digest(self) -> str:
        """As elsewhere; a text that not every template has leaves the fingerprints of others as they were."""
        group = [self.group_template] if self.group_template else []
        return digest_of([self.title_template, self.message_template, self.permitted_params, *group])

    def clean(self) -> None:
        """Hold the texts to the schema, that of groups to what groups have.

        Raises:
            ValidationError: by field.
        """
        super().clean()
        event_type = EventTypes.get(self.event_type)
        added = set(event_type.group_parameters) - set(event_type.parameters)
        try:
            placeholders.check(self.group_template, (*self.permitted, *sorted(added)))
        except InvalidTemplate as invalid:
            raise ValidationError({"group_template": str(invalid)}) from None


class EmailNotificationTemplate(NotificationTemplate):
    """The subject and body of an e-mail. The body is plain text; its HTML form is made from it."""

    TEXTS = ("title", "template")
    CONTRACT = NotificationTemplate.CONTRACT | set(TEXTS)

    title = models.CharField(_("subject"), max_length=SUBJECT_LIMIT)
    template = models.TextField(_("body"))

    class Meta(NotificationTemplate.Meta):
        verbose_name = _("e-mail notification template")
        verbose_name_plural = _("e-mail notification templates")

    def clean(self) -> None:
        """Hold the texts to the schema, and the body to a size that mail readers show whole.

        Raises:
            ValidationError: by field.
        """
        super().clean()
        if (size := len(self.template.encode())) > EMAIL_LIMIT_BYTES:
            raise ValidationError(
                {
                    "template": _(
                        "The body has %(size)s bytes; mail readers clip it after %(limit)s. Shorten it."
                    )
                    % {"size": size, "limit": EMAIL_LIMIT_BYTES}
                }
            )


@receiver(pre_save)
def _check_fixture(instance: models.Model, *, raw: bool, **_kwargs: Any) -> None:
    # `loaddata` goes past `save`.
    if raw and isinstance(instance, NotificationTemplate):
        instance.check_contract()
