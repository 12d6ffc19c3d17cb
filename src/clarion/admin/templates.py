"""Templates: the texts, edited under the eyes of the payload schema."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminTextareaWidget, AdminTextInputWidget
from django.db.models import Field
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join, linebreaks
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clarion.admin.event_type_filter import EventTypeFilter
from clarion.admin.samples import sample_values
from clarion.direction import direction
from clarion.events import EventTypes
from clarion.exceptions import ClarionError
from clarion.models import AppNotificationTemplate, EmailNotificationTemplate, NotificationTemplate
from clarion.rendering.renderer import render

WIDE = {"class": "vLargeTextField"}


class TemplateAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic at run time
    """One text per event type and locale; what breaks the contract is refused beside its field."""

    list_display = ("display_name", "locale", "heading", "edited", "updated_at")
    list_filter = (EventTypeFilter, "locale")
    search_fields = ("event_type",)
    ordering = ("event_type", "locale")
    show_full_result_count = False
    readonly_fields = ("parameters", "preview")
    further: tuple[str, ...] = ()
    """Texts that only this kind of template has."""

    def get_fields(self, request: HttpRequest, obj: NotificationTemplate | None = None) -> Any:
        """Return the texts between what they may use and how they look."""
        fields = ["event_type", "locale", "parameters", *self.model.TEXTS, *self.further, "permitted_params"]
        return [*fields, "preview"] if obj else fields

    def get_readonly_fields(self, request: HttpRequest, obj: NotificationTemplate | None = None) -> Any:
        """Keep a stored template in its place: where it was, the declared text would be installed again."""
        place = ["event_type", "locale"] if obj else []
        return [*place, *self.readonly_fields]

    def formfield_for_dbfield(
        self, db_field: Field[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> forms.Field | None:
        """Offer the registered event types, and room to write."""
        if db_field.name == "event_type":
            return forms.ChoiceField(label=capfirst(db_field.verbose_name), choices=EventTypes.choices)
        if db_field.name in self.model.TEXTS:
            is_heading = db_field.name == self.model.TEXTS[0]
            kwargs["widget"] = AdminTextInputWidget(WIDE) if is_heading else AdminTextareaWidget()
        if db_field.name in self.further:
            kwargs["widget"] = AdminTextInputWidget(WIDE)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    @admin.display(description=_("event type"), ordering="event_type")
    def display_name(self, template: NotificationTemplate) -> str:
        """Return what people call this type of event."""
        return EventTypes.display_name(template.event_type)

    @admin.display(description=_("heading"))
    def heading(self, template: NotificationTemplate) -> str:
        """Return the title or subject, as it is written."""
        return str(getattr(template, template.TEXTS[0]))

    @admin.display(description=_("edited"))
    def edited(self, template: NotificationTemplate) -> str:
        """Return a mark if somebody changed it since it was installed: it is never overwritten."""
        return "✓" if template.digest != template.installed_digest else ""

    @admin.display(description=_("parameters"))
    def parameters(self, template: NotificationTemplate) -> SafeString:
        """Return the names that the texts may use: of this event type, or of each while none is chosen."""
        names = (
            [template.event_type] if template.event_type else [event_type.name for event_type in EventTypes]
        )
        lines = [
            (
                EventTypes.display_name(name),
                " ".join(f"{{{parameter}}}" for parameter in EventTypes.get(name).parameters),
            )
            for name in names
            if name in EventTypes
        ]
        return format_html_join(SafeString("<br>"), "{}: <code>{}</code>", lines)

    @admin.display(description=_("preview"))
    def preview(self, template: NotificationTemplate) -> SafeString:
        """Return the text as it stands in the form, filled with sample values."""
        try:
            content = render(template, sample_values(EventTypes.get(template.event_type)))
        except ClarionError as problem:
            return format_html("{} {}", gettext("This text cannot be rendered:"), problem)
        body = SafeString(linebreaks(content.body, autoescape=True))
        return format_html(
            '<div dir="{}"><strong>{}</strong>{}</div>', direction(content.body), content.heading, body
        )


@admin.register(AppNotificationTemplate)
class AppNotificationTemplateAdmin(TemplateAdmin):
    """What inbox items say."""

    further = ("group_template",)


@admin.register(EmailNotificationTemplate)
class EmailNotificationTemplateAdmin(TemplateAdmin):
    """What e-mails say."""
