"""Operation: what holds mail up, and whether the relay is alive."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from clarion.admin.history import EXCERPT
from clarion.models import ChannelPause, Heartbeat, SuppressedAddress


@admin.register(ChannelPause)
class ChannelPauseAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic at run time
    """Why a channel waits. An operator who has mended it may end the pause."""

    list_display = ("channel", "until", "error_excerpt")
    fields = ("channel", "until", "error")
    readonly_fields = ("channel", "error")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Pauses come from outages alone."""
        return False

    @admin.display(description=_("error"), empty_value="")
    def error_excerpt(self, pause: ChannelPause) -> str:
        """Return the beginning of the error."""
        return Truncator(pause.error).chars(EXCERPT)


@admin.register(SuppressedAddress)
class SuppressedAddressAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic at run time
    """Where no mail goes any more. Delete an address to write to it again."""

    list_display = ("address", "error_excerpt", "created_at")
    list_per_page = 50
    show_full_result_count = False
    ordering = ("-pk",)
    search_fields = ("address",)
    fields = ("address", "error", "created_at")
    readonly_fields = ("error", "created_at")

    def has_change_permission(self, request: HttpRequest, obj: SuppressedAddress | None = None) -> bool:
        """Another address is another row."""
        return False

    @admin.display(description=_("error"), empty_value="")
    def error_excerpt(self, suppressed: SuppressedAddress) -> str:
        """Return the beginning of what the mail server said."""
        return Truncator(suppressed.error).chars(EXCERPT)


@admin.register(Heartbeat)
class HeartbeatAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic at run time
    """When the relay was last seen. `manage.py clarion health` says if that is too long ago."""

    list_display = ("name", "beat_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Only what lives has a heartbeat."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Heartbeat | None = None) -> bool:
        """Nobody pretends to be alive for another."""
        return False
