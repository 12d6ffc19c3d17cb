"""HistoryAdmin: what the pipeline wrote. Read and searched by operators, and edited by nobody."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.auth import get_permission_codename
from django.db.models.constants import LOOKUP_SEP
from django.http import HttpRequest
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from clarion.admin.search import SearchAdmin

EXCERPT = 120
"""Characters of an error in a list."""


class HistoryAdmin(SearchAdmin):
    """Deleting is left to Django's own permission; adding and changing are open to none."""

    date_hierarchy = "created_at"
    contents: ClassVar[tuple[str, ...]] = ()
    """The fields that say what people are told. To see them takes a permission of its own."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody writes history by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody rewrites it either."""
        return False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Leave the contents to those who may read them."""
        return self._readable(request, super().get_fields(request, obj))

    def get_list_display(self, request: HttpRequest) -> Any:
        """Leave them out of lists, too."""
        return self._readable(request, super().get_list_display(request))

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Have nobody guess at them by filters in the address."""
        readable = self._readable(request, [lookup.partition(LOOKUP_SEP)[0]])
        return bool(readable) and super().lookup_allowed(lookup, value, request)

    def _readable(self, request: HttpRequest, names: Iterable[Any]) -> list[Any]:
        codename = get_permission_codename("read", self.opts)
        if request.user.has_perm(f"{self.opts.app_label}.{codename}"):
            return list(names)
        return [name for name in names if name not in self.contents]

    @admin.display(description=_("error"), empty_value="")
    def error_excerpt(self, row: Any) -> str:
        """Return the beginning of the error."""
        return Truncator(row.error).chars(EXCERPT)
