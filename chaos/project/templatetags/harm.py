"""`{% load harm %}`: a filter of the project's own, in its own e-mail template, with a fault in it."""

from __future__ import annotations

from django import template

from chaos.project.harm import HARM

register = template.Library()


@register.filter
def swallowed(text: str) -> str:
    """Return the text; one that asks for harm does it instead."""
    if harm := HARM.get(text.strip()):
        harm()
    return text
