"""QuietForm: when a person wants no mail."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clarion.models import NotificationPreference


class QuietForm(forms.Form):
    """From when until when, where the person is; both empty for never."""

    quiet_from = forms.TimeField(label=_("From"), required=False)
    quiet_until = forms.TimeField(label=_("Until"), required=False)
    time_zone = forms.CharField(label=_("Time zone"), required=False, max_length=64)

    def __init__(self, data: QueryDict | None, stored: NotificationPreference) -> None:
        """Begin with what is stored."""
        super().__init__(
            data,
            initial={
                "quiet_from": stored.quiet_from,
                "quiet_until": stored.quiet_until,
                "time_zone": stored.time_zone or timezone.get_default_timezone_name(),
            },
        )
        for name in ("quiet_from", "quiet_until"):
            self.fields[name].widget = forms.TimeInput(format="%H:%M", attrs={"type": "time"})
        self.fields["time_zone"].widget.attrs |= {
            "list": "clarion-zones",
            "autocomplete": "off",
            "spellcheck": "false",
        }

    @property
    def zones(self) -> list[str]:
        """The names of all time zones."""
        return sorted(available_timezones())

    def clean(self) -> dict[str, Any]:
        """Ask for both times or neither, and for a zone that there is."""
        start, end = self.cleaned_data.get("quiet_from"), self.cleaned_data.get("quiet_until")
        if not self.errors and (start is None) != (end is None):
            self.add_error("quiet_until" if end is None else "quiet_from", _("Give both times, or neither."))
        if start is not None and start == end:
            self.add_error("quiet_until", _("Choose two different times."))
        zone = self.cleaned_data.get("time_zone", "")
        if zone not in available_timezones():
            self.add_error("time_zone", _("There is no such time zone; choose one from the list."))
        return self.cleaned_data

    def write_to(self, preference: NotificationPreference) -> None:
        """Put what was sent into the record."""
        for name in ("quiet_from", "quiet_until", "time_zone"):
            setattr(preference, name, self.cleaned_data[name])
