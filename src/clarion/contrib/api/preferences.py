"""Preferences: where a person is told of what, and when not."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import time
from typing import TYPE_CHECKING, Annotated, Literal, get_args

from django.http import QueryDict
from django.utils import timezone
from pydantic import BaseModel, Field
from rest_framework.response import Response

from clarion.contrib.api.input import Input
from clarion.contrib.api.operation import operation
from clarion.contrib.api.problem import Fault, Refused
from clarion.contrib.api.view import ApiView
from clarion.inbox.preference_form import PreferenceForm, Row, Section

if TYPE_CHECKING:
    from rest_framework.request import Request

Channel = Literal["app", "email"]
Clock = Annotated[str, Field(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$", examples=["22:00"])]


class EventTypeChoice(BaseModel):
    """Where the person is told of one type of event."""

    name: str = Field(examples=["order.shipped"])
    label: str
    channels: list[Channel]
    offered: list[Channel] = Field(description="The channels this event type uses.")
    follows: bool = Field(description="Whether it has no choice of its own: its category's holds.")
    mandatory: bool = Field(description="Whether it cannot be turned off.")


class CategoryChoice(BaseModel):
    """Where the person is told of a category, and of the event types in it."""

    name: str = Field(examples=["orders"])
    label: str
    channels: list[Channel] | None = Field(description="Null where everything in it is mandatory.")
    event_types: list[EventTypeChoice]


class QuietHours(BaseModel):
    """When the person wants no mail. What comes then is sent afterwards."""

    start: Clock
    end: Clock
    time_zone: str = Field(examples=["Europe/Berlin"])


class QuietHoursInput(Input):
    """When the person wants no mail."""

    start: Clock
    end: Clock
    time_zone: str = Field(examples=["Europe/Berlin"])


class Preferences(BaseModel):
    """All choices as they stand, defaults with them."""

    categories: list[CategoryChoice]
    quiet_hours: QuietHours | None

    @classmethod
    def of(cls, form: PreferenceForm) -> Preferences:
        """Return what a form shows."""
        stored = form.preference
        quiet = None
        if stored.quiet_from is not None and stored.quiet_until is not None:
            start, end = _clock(stored.quiet_from), _clock(stored.quiet_until)
            quiet = QuietHours(start=start, end=end, time_zone=stored.time_zone)
        return cls(categories=[_category(section) for section in form.sections], quiet_hours=quiet)


class PreferencesChange(Input):
    """Choices to change. What is not named stays as it is."""

    categories: dict[str, list[Channel]] = Field({}, description="Channels by category.")
    event_types: dict[str, list[Channel] | None] = Field(
        {}, description="Channels by event type; null to follow its category again."
    )
    quiet_hours: QuietHoursInput | None = Field(None, description="Null for none.")

    @property
    def form_data(self) -> QueryDict:
        """The same as the preference page's form sends it, so that one set of rules holds for both."""
        data = QueryDict(mutable=True)
        for kind, choices in (("category", self.categories), ("event", self.event_types)):
            for name, channels in choices.items():
                row = f"{kind}-{name}"
                if channels is None:
                    data.appendlist("follow", row)
                else:
                    data.appendlist("row", row)
                    data.setlist(row, list(channels))
        if "quiet_hours" in self.model_fields_set:
            quiet = self.quiet_hours
            data["quiet_from"] = quiet.start if quiet else ""
            data["quiet_until"] = quiet.end if quiet else ""
            data["time_zone"] = quiet.time_zone if quiet else timezone.get_default_timezone_name()
        return data


class PreferenceCentre(ApiView):
    """The person's choices."""

    @operation("get_preferences", {200: Preferences})
    def get(self, request: Request) -> Response:
        """Show where the person is told of what."""
        return Response(Preferences.of(PreferenceForm(self.person)).model_dump(mode="json"))

    @operation("change_preferences", {200: Preferences}, body=PreferencesChange, problems=["cannot-be-done"])
    def patch(self, request: Request, body: PreferencesChange) -> Response:
        """Change some choices, or quiet hours, and leave the others as they are.

        All is saved or nothing. What is mandatory cannot be turned off.
        """
        form = PreferenceForm(self.person, body.form_data)
        if not form.is_valid:
            raise Refused("cannot-be-done", errors=list(_faults_of(form)))
        form.save()
        return Response(Preferences.of(form).model_dump(mode="json"))


_POINTERS = {
    "quiet_from": "/quiet_hours/start",
    "quiet_until": "/quiet_hours/end",
    "time_zone": "/quiet_hours/time_zone",
}


def _faults_of(form: PreferenceForm) -> list[Fault]:
    faults = [Fault(detail=problem) for problem in form.problems]
    if form.quiet.is_bound:
        for name, errors in form.quiet.errors.items():
            faults += [Fault(detail=str(error), pointer=_POINTERS.get(name)) for error in errors]
    return faults


def _category(section: Section) -> CategoryChoice:
    rows = [*section.finer, *section.locked]
    return CategoryChoice(
        name=section.name,
        label=str(section.label),
        channels=_channels(section.whole) if section.whole else None,
        event_types=[_event_type(row) for row in rows],
    )


def _event_type(row: Row) -> EventTypeChoice:
    return EventTypeChoice(
        name=row.name.removeprefix("event-"),
        label=str(row.label),
        channels=_channels(row),
        offered=_among(box.channel for box in row.boxes if box.is_offered),
        follows=row.follows and not row.is_locked,
        mandatory=row.is_locked,
    )


def _channels(row: Row) -> list[Channel]:
    return _among(box.channel for box in row.boxes if box.is_on and box.is_offered)


def _among(names: Iterable[str]) -> list[Channel]:
    found = set(names)
    return [channel for channel in get_args(Channel) if channel in found]


def _clock(moment: time) -> str:
    return moment.strftime("%H:%M")
