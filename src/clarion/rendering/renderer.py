"""Rendering: from a template and parameters to the words a person reads."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.utils.translation import gettext, override

from clarion import placeholders
from clarion.events import EventTypes
from clarion.exceptions import ClarionError, RenderingError
from clarion.models import NotificationTemplate
from clarion.models.app_notification import TITLE_LIMIT
from clarion.rendering.lookup import TemplateShelf


class Content(NamedTuple):
    """Plain text for one person on one channel. `problem` is empty unless this is the stand-in."""

    heading: str
    body: str
    problem: str = ""
    template_version: str = ""

    @property
    def is_fallback(self) -> bool:
        """Whether the template was missing or broken."""
        return bool(self.problem)


def content_for(shelf: TemplateShelf, event_type: str, language: str, params: dict[str, Any]) -> Content:
    """Return the rendered template, or the fallback text with the problem that called for it."""
    try:
        return render(shelf.find(event_type, language), params)
    except ClarionError as problem:
        return fallback(event_type, language, f"{type(problem).__name__}: {problem}")


def render(template: NotificationTemplate, params: dict[str, Any]) -> Content:
    """Fill in a template.

    Raises:
        InvalidTemplate: the stored template is broken.
        RenderingError: it wants a parameter that is not there, or its heading comes out empty.
    """
    heading, body = (getattr(template, name) for name in template.TEXTS)
    heading = placeholders.render_line(heading, params, TITLE_LIMIT)
    if not heading:
        raise RenderingError("the heading came out empty")
    return Content(heading, placeholders.render(body, params), template_version=template.version)


def fallback(event_type: str, language: str, problem: str) -> Content:
    """Return what stands in for a template that is missing or broken: what kind of thing happened."""
    with override(language):
        return Content(gettext("Notification"), EventTypes.display_name(event_type), problem)
