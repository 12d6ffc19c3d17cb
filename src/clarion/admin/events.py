"""Events, the handlers that ran for them, and the people they named."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clarion.admin.event_type_filter import (
    EventTypeFilter,
    EventTypeOfEventFilter,
    EventTypeOfRunFilter,
)
from clarion.admin.search import person_search_fields
from clarion.admin.work import WORK, WorkAdmin
from clarion.events import EventTypes
from clarion.models import EventLog, HandlerRun, NotifiableEvent, RecipientBatch
from clarion.preferences.decision import Reason


class HandlerRunInline(admin.TabularInline):  # type: ignore[type-arg]  # not generic at run time
    """An event's runs, on the event's own page."""

    model = HandlerRun
    fields = readonly_fields = ("handler", "status", "attempts", "error", "note", "finished_at")
    extra = 0
    can_delete = False
    show_change_link = True

    def has_add_permission(self, request: HttpRequest, obj: EventLog | None = None) -> bool:
        """Runs come from dispatch alone."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: EventLog | None = None) -> bool:
        """Nobody rewrites history."""
        return False


@admin.register(EventLog)
class EventLogAdmin(WorkAdmin):
    """What was published, and how far it has come."""

    contents = ("payload",)
    list_display = ("id", "display_name", "status", "attempts", "error_excerpt", "created_at", "finished_at")
    list_display_links = ("id", "display_name")
    list_filter = ("status", EventTypeFilter)
    search_fields = ("=idempotency_key",)
    search_help_text = _("An event's ID, or its idempotency key.")
    number_fields = ("pk", "idempotency_key")
    fields = ("event_type", "payload_version", "payload", "idempotency_key", "people", *WORK)
    readonly_fields = ("people",)
    inlines = (HandlerRunInline,)

    @admin.display(description=_("event type"), ordering="event_type")
    def display_name(self, event: EventLog) -> str:
        """Return what people call this type of event."""
        return event.display_name

    @admin.display(description=_("people"))
    def people(self, event: EventLog) -> SafeString:
        """Return a link to whom the event named, and to what was decided for each."""
        changelist = reverse("admin:clarion_notifiableevent_changelist", current_app=self.admin_site.name)
        text = gettext("Who was named, and what was decided")
        return format_html('<a href="{}?event_log__id__exact={}">{}</a>', changelist, event.pk, text)


@admin.register(HandlerRun)
class HandlerRunAdmin(WorkAdmin):
    """What became of each handler for each event."""

    list_display = (
        "id",
        "handler",
        "event",
        "status",
        "attempts",
        "error_excerpt",
        "created_at",
        "finished_at",
    )
    list_display_links = ("id", "handler")
    list_filter = ("status", EventTypeOfEventFilter)
    list_select_related = ("event",)
    search_fields = ("handler",)
    search_help_text = _("The ID of a run or of its event, or part of a handler's name.")
    number_fields = ("pk", "event")
    fields = ("event", "handler", *WORK)


@admin.register(RecipientBatch)
class RecipientBatchAdmin(WorkAdmin):
    """People whom a handler named, and who are told together."""

    contents = ("params", "link", "reasons")
    list_display = ("id", "run", "size", "status", "attempts", "error_excerpt", "created_at", "finished_at")
    list_filter = ("status", EventTypeOfRunFilter)
    list_select_related = ("run__event",)
    search_help_text = _("The ID of a batch or of its handler run, or part of the handler's name.")
    search_fields = ("run__handler",)
    number_fields = ("pk", "run")
    fields = ("run", "size", "people", "params", "link", "reasons", *WORK)


@admin.register(NotifiableEvent)
class NotifiableEventAdmin(WorkAdmin):
    """Why a person was told, or was not."""

    contents = ("params", "link", "reason")
    list_display = ("id", "person", "display_name", "verdicts", "status", "error_excerpt", "created_at")
    list_filter = ("status", EventTypeFilter)
    list_select_related = ("person",)
    search_help_text = _("The ID of a row, of its event or of its person; or part of the person's name.")
    number_fields = ("pk", "event_log", "person")
    fields = (
        *("person", "event_type", "event_log", "run", "params", "link", "reason", "decisions"),
        *WORK,
    )
    readonly_fields = ("decisions",)

    def get_search_fields(self, request: HttpRequest) -> list[str]:
        """Return what the person model has to search."""
        return person_search_fields()

    @admin.display(description=_("event type"), ordering="event_type")
    def display_name(self, row: NotifiableEvent) -> str:
        """Return what people call this type of event."""
        return EventTypes.display_name(row.event_type)

    @admin.display(description=_("decisions"))
    def verdicts(self, row: NotifiableEvent) -> SafeString:
        """Return, for each channel, what was decided, with the reason's bare code: a list has little room."""
        return _by_channel((channel, outcome.replace(":", ", ")) for channel, outcome in row.outcomes.items())

    @admin.display(description=_("decisions"))
    def decisions(self, row: NotifiableEvent) -> SafeString:
        """Return, for each channel, what was decided and why."""
        return _by_channel((channel, _in_words(outcome)) for channel, outcome in row.outcomes.items())


def _by_channel(outcomes: Iterable[tuple[str, str]]) -> SafeString:
    return format_html_join(SafeString("<br>"), "{}: {}", outcomes)


def _in_words(outcome: str) -> str:
    """Spell an outcome such as "skipped:no_address"."""
    verdict, _colon, code = outcome.partition(":")
    words = {"created": gettext("created"), "skipped": gettext("skipped")}
    reason = str(Reason(code).label) if code in Reason.values else code
    return f"{words.get(verdict, verdict)}, {reason}"
