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
from clarion.inbox.cadence_choice import AT_ONCE, PREFIX
from clarion.inbox.preference_form import PreferenceForm, Row, Section
from clarion.models import NotificationPreference

if TYPE_CHECKING:
    from rest_framework.request import Request

Channel = Literal["app", "email"]
Pace = Literal["at_once", "hourly", "daily", "weekly"]
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
    cadence: Pace | None = Field(description="How often its e-mails come; null where none may wait.")
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
    time_zone: str = Field(
        description="By whose clock e-mails come daily or weekly.", examples=["Europe/Berlin"]
    )

    @classmethod
    def of(cls, form: PreferenceForm) -> Preferences:
        """Return what a form shows."""
        stored = form.preference
        quiet = None
        if stored.quiet_from is not None and stored.quiet_until is not None:
            start, end = _clock(stored.quiet_from), _clock(stored.quiet_until)
            quiet = QuietHours(start=start, end=end, time_zone=stored.time_zone)
        return cls(
            categories=[_category(section) for section in form.sections],
            quiet_hours=quiet,
            time_zone=_zone(stored),
        )


class PreferencesChange(Input):
    """Choices to change. What is not named stays as it is."""

    categories: dict[str, list[Channel]] = Field({}, description="Channels by category.")
    event_types: dict[str, list[Channel] | None] = Field(
        {}, description="Channels by event type; null to follow its category again."
    )
    cadences: dict[str, Pace] = Field({}, description="How often e-mails come, by category.")
    quiet_hours: QuietHoursInput | None = Field(None, description="Null for none.")
    time_zone: str = Field(
        "",
        description="By whose clock e-mails come daily or weekly; the one in `quiet_hours` overrides it.",
        examples=["Europe/Berlin"],
    )

    def form_data(self, stored: NotificationPreference) -> QueryDict:
        """Return the same as the preference page's form sends, so that one set of rules holds for both."""
        data = QueryDict(mutable=True)
        for kind, choices in (("category", self.categories), ("event", self.event_types)):
            for name, channels in choices.items():
                row = f"{kind}-{name}"
                if channels is None:
                    data.appendlist("follow", row)
                else:
                    data.appendlist("row", row)
                    data.setlist(row, list(channels))
        for name, pace in self.cadences.items():
            data[f"{PREFIX}{name}"] = AT_ONCE if pace == "at_once" else pace
        if quiet := self.quiet_hours:
            start, end, zone = quiet.start, quiet.end, quiet.time_zone
        elif self.model_fields_set & {"quiet_hours", "time_zone"}:
            is_kept = "quiet_hours" not in self.model_fields_set
            start = _clock(stored.quiet_from) if is_kept and stored.quiet_from else ""
            end = _clock(stored.quiet_until) if is_kept and stored.quiet_until else ""
            zone = self.time_zone if "time_zone" in self.model_fields_set else _zone(stored)
        else:
            return data
        data.update({"quiet_from": start, "quiet_until": end, "time_zone": zone})
        return data


class PreferenceCentre(ApiView):
    """The person's choices."""

    @operation("get_preferences", {200: Preferences})
    def get(self, request: Request) -> Response:
        """Show where the person is told of what."""
        return Response(Preferences.of(PreferenceForm(self.person)).model_dump(mode="json"))

    @operation("change_preferences", {200: Preferences}, body=PreferencesChange, problems=["cannot-be-done"])
    def patch(self, request: Request, body: PreferencesChange) -> Response:
        """Change some choices, cadences or quiet hours, and leave the others as they are.

        All is saved or nothing. What is mandatory cannot be turned off.
        """
        stored = PreferenceForm(self.person).preference
        form = PreferenceForm(self.person, body.form_data(stored))
        if not form.is_valid:
            raise Refused("cannot-be-done", errors=_faults_of(form, body))
        form.save()
        return Response(Preferences.of(form).model_dump(mode="json"))


_POINTERS = {
    "quiet_from": "/quiet_hours/start",
    "quiet_until": "/quiet_hours/end",
    "time_zone": "/quiet_hours/time_zone",
}


def _faults_of(form: PreferenceForm, body: PreferencesChange) -> list[Fault]:
    faults = [Fault(detail=problem) for problem in form.problems]
    if form.quiet.is_bound:
        for name, errors in form.quiet.errors.items():
            pointer = _POINTERS.get(name) if body.quiet_hours else f"/{name}"
            faults += [Fault(detail=str(error), pointer=pointer) for error in errors]
    return faults


def _category(section: Section) -> CategoryChoice:
    rows = [*section.finer, *section.locked]
    return CategoryChoice(
        name=section.name,
        label=str(section.label),
        channels=_channels(section.whole) if section.whole else None,
        cadence=_pace(section.cadence.value) if section.cadence else None,
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


def _pace(cadence: str) -> Pace:
    return next((pace for pace in get_args(Pace) if pace == cadence), "at_once")


def _zone(stored: NotificationPreference) -> str:
    return stored.time_zone or timezone.get_default_timezone_name()


def _clock(moment: time) -> str:
    return moment.strftime("%H:%M")
