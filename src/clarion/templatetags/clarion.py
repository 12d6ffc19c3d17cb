"""`{% load clarion %}`: the bell, for any page of a project; filters for what notifications hold."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.context import Context

from clarion.direction import direction
from clarion.inbox.person import person_of
from clarion.inbox.unread import unread_count
from clarion.links import followable
from clarion.realtime.broadcaster import get_broadcaster

register = template.Library()


@register.inclusion_tag("clarion/bell.html", takes_context=True)
def clarion_bell(context: Context) -> dict[str, Any]:
    """Show a link to the inbox with the unread count: nothing for visitors, nor on a page without a request.

    One query, and one more where the person is not the user.
    """
    request = context.get("request") or getattr(context, "request", None)
    user = getattr(request, "user", None)
    person = person_of(user) if user else None
    return {"unread": unread_count(person) if person else None}


@register.inclusion_tag("clarion/live.html")
def clarion_live() -> dict[str, Any]:
    """Keep the page up to date: its scripts hear of changes in the event `clarion:change` on the document.

    The bell brings it along; a page needs it once at the most.
    """
    return {"has_stream": get_broadcaster() is not None}


register.filter("direction", direction)
register.filter("followable", followable)
