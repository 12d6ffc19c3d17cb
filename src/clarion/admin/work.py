"""WorkAdmin: history of work, and what an operator may do with work that is dead."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth import get_permission_codename
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from clarion.admin.history import HistoryAdmin
from clarion.bus.revival import discard, retry

WORK = (
    "status",
    "attempts",
    "error",
    "note",
    "due_at",
    "created_at",
    "finished_at",
    "delete_at",
)


class WorkAdmin(HistoryAdmin):
    """Nobody edits a row; those with the change permission decide what becomes of dead ones."""

    actions = ("try_again", "discard")

    def has_revive_permission(self, request: HttpRequest) -> bool:
        """Whether the user has the change permission, which opens nothing else here."""
        codename = get_permission_codename("change", self.opts)
        return request.user.has_perm(f"{self.opts.app_label}.{codename}")

    @admin.action(description=_("Try again what is dead"), permissions=["revive"])
    def try_again(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Give dead rows all their attempts back."""
        count = retry(queryset)
        text = ngettext("%(count)d row will be tried again.", "%(count)d rows will be tried again.", count)
        self._say(request, count, text)

    @admin.action(description=_("Discard what is dead"), permissions=["revive"])
    def discard(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Cancel dead rows."""
        count = discard(queryset)
        self._say(
            request, count, ngettext("%(count)d row was discarded.", "%(count)d rows were discarded.", count)
        )

    def _say(self, request: HttpRequest, count: int, text: str) -> None:
        if count:
            self.message_user(request, text % {"count": count}, messages.SUCCESS)
        else:
            self.message_user(request, _("None of the rows is dead; nothing was done."), messages.WARNING)
