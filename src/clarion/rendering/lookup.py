"""Lookup: the stored template for an event type in a person's language."""

from __future__ import annotations

from collections.abc import Collection

from django.conf import settings

from clarion.exceptions import TemplateMissing
from clarion.models import NotificationTemplate


class TemplateShelf:
    """The templates of one kind for some event types, read in one query."""

    def __init__(self, model: type[NotificationTemplate], event_types: Collection[str]) -> None:
        stored = model._default_manager.filter(event_type__in=event_types)
        self._templates = {(template.event_type, template.locale): template for template in stored}

    def find(self, event_type: str, language: str) -> NotificationTemplate:
        """Return the template in the language, else in its base language, else in the project's.

        Raises:
            TemplateMissing: there is none in any of them.
        """
        for locale in _locales(language):
            if template := self._templates.get((event_type, locale)):
                return template
        raise TemplateMissing(f"no template is stored for {event_type} in {', '.join(_locales(language))}")


def _locales(language: str) -> list[str]:
    wanted = []
    for name in (language, settings.LANGUAGE_CODE):
        locale = name.lower().replace("_", "-")
        wanted += [locale, locale.partition("-")[0]]
    return list(dict.fromkeys(wanted))
