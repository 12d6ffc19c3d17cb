"""Installation of the texts that event types declare. Idempotent; edited templates stay as they are."""

from __future__ import annotations

from django.conf import settings

from clarion.events import AppText, EmailText, EventType, EventTypes
from clarion.models import AppNotificationTemplate, EmailNotificationTemplate, NotificationTemplate


def install_templates() -> int:
    """Write the declared texts to the database; return how many templates were added or brought up to date.

    Raises:
        ValidationError: a declared text breaks the contract. `manage.py check` says which.
    """
    return sum(_install(template) for event_type in EventTypes for template in declared_templates(event_type))


def declared_templates(event_type: EventType) -> list[NotificationTemplate]:
    """Return the event type's texts as unsaved templates."""
    return [_as_template(event_type, text) for text in event_type.texts]


def _as_template(event_type: EventType, text: AppText | EmailText) -> NotificationTemplate:
    where = {"event_type": event_type.name, "locale": (text.locale or settings.LANGUAGE_CODE).lower()}
    if isinstance(text, AppText):
        return AppNotificationTemplate(
            **where,
            title_template=text.title,
            message_template=text.message,
            group_template=text.group,
        )
    return EmailNotificationTemplate(**where, title=text.title, template=text.template)


def _install(template: NotificationTemplate) -> bool:
    template.installed_digest = template.digest
    stored = (
        type(template)._default_manager.filter(event_type=template.event_type, locale=template.locale).first()
    )
    if stored is None:
        template.save()
        return True
    is_edited = stored.digest != stored.installed_digest
    if is_edited or stored.digest == template.digest:
        return False
    template.pk = stored.pk
    template.save()
    return True
