"""HistoryAdmin: what the pipeline wrote. Read and searched by operators, and edited by nobody."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from clarion.admin.search import SearchAdmin

EXCERPT = 120
"""Characters of an error in a list."""


class HistoryAdmin(SearchAdmin):
    """Deleting is left to Django's own permission; adding and changing are open to none."""

    date_hierarchy = "created_at"

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody writes history by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody rewrites it either."""
        return False

    @admin.display(description=_("error"), empty_value="")
    def error_excerpt(self, row: Any) -> str:
        """Return the beginning of the error."""
        return Truncator(row.error).chars(EXCERPT)
