"""What people have muted, and how they use their inboxes."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from clarion.admin.search import SearchAdmin, person_search_fields
from clarion.models import InboxState, Mute


@admin.register(Mute)
class MuteAdmin(SearchAdmin):
    """Whom a subject no longer reaches."""

    list_display = ("person", "subject", "title", "created_at")
    list_select_related = ("person",)
    search_help_text = _("The ID of a person, or part of their name.")
    number_fields = ("person",)
    raw_id_fields = ("person",)

    def get_search_fields(self, request: HttpRequest) -> list[str]:
        """Return what the person model has to search."""
        return person_search_fields()


@admin.register(InboxState)
class InboxStateAdmin(SearchAdmin):
    """How often people have changed something, and whether single keys do anything."""

    list_display = ("person", "version", "single_key_shortcuts")
    list_select_related = ("person",)
    search_help_text = _("The ID of a person, or part of their name.")
    number_fields = ("person",)
    raw_id_fields = ("person",)
    readonly_fields = ("version",)

    def get_search_fields(self, request: HttpRequest) -> list[str]:
        """Return what the person model has to search."""
        return person_search_fields()
