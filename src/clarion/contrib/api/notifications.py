"""Notifications: listed, read one by one, and changed one by one, several at a time or all at once."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal

from django.db.models import Model
from django.utils.translation import gettext as _
from pydantic import BaseModel, Field, RootModel
from rest_framework.response import Response

from clarion.contrib.api.input import Input
from clarion.contrib.api.operation import operation
from clarion.contrib.api.problem import Refused
from clarion.contrib.api.view import ApiView
from clarion.events import EventTypes
from clarion.inbox.change import Action, Change
from clarion.inbox.item import subject_of
from clarion.inbox.listing import Listing, State
from clarion.inbox.page import SIZE_LIMIT
from clarion.inbox.query import IDS_LIMIT, SEARCH_LIMIT
from clarion.inbox.service import MARKS, PAGE_SIZE, NotificationService, Selection
from clarion.inbox.snooze import Preset, moment_of, zone_of
from clarion.links import followable
from clarion.models import AppNotification

if TYPE_CHECKING:
    from rest_framework.request import Request

_service = NotificationService()

Cursor = Annotated[
    str, Field(pattern="^([0-9]{1,18})?$", description="The `next` of a page; empty for the first.")
]
Size = Annotated[int, Field(ge=1, le=SIZE_LIMIT, description="How many a page holds.")]


class ListingInput(Input):
    """Which notifications: those in a state, of a category, that contain some words."""

    state: State = Field(State.ALL, description="`all` is the inbox: neither archived nor snoozed.")
    category: str = Field("", description="A category's name; empty for all.")
    search: str = Field("", max_length=SEARCH_LIMIT, description="Words that title or message contain.")

    @property
    def listing(self) -> Listing:
        """As the inbox knows it."""
        return Listing(self.state, self.category, self.search)


class ListQuery(ListingInput):
    """A page of them."""

    cursor: Cursor = ""
    size: Size = PAGE_SIZE


class Notification(BaseModel):
    """One of the person's notifications. Texts are plain text: escape them where you put them into HTML."""

    id: int
    event_type: str = Field(examples=["order.shipped"])
    kind: str = Field(description="What people call the event type.")
    category: str | None = Field(description="Null where the event type is no more.")
    title: str
    message: str
    link: str | None = Field(description="A path on this site, or an http(s) URL.")
    subject: str | None = Field(description="What it is about, for a mute.", examples=["product:12"])
    reason: str | None = Field(description="Why this person is told.")
    created_at: datetime
    is_read: bool
    read_at: datetime | None
    seen_at: datetime | None
    archived_at: datetime | None
    resolved_at: datetime | None = Field(description="When what it is about was settled.")
    snoozed_until: datetime | None = Field(description="May be past: then it is back from its snooze.")

    @classmethod
    def of(cls, row: AppNotification) -> Notification:
        """Return what is shown of a row."""
        known = EventTypes.get(row.event_type) if row.event_type in EventTypes else None
        return cls(
            id=row.pk,
            event_type=row.event_type,
            kind=str(EventTypes.display_name(row.event_type)),
            category=known.category.name if known else None,
            title=row.title,
            message=row.message,
            link=followable(row.link) or None,
            subject=subject_of(row) or None,
            reason=row.event.reason or None,
            created_at=row.created_at,
            is_read=row.is_read,
            read_at=row.read_at,
            seen_at=row.seen_at,
            archived_at=row.archived_at,
            resolved_at=row.resolved_at,
            snoozed_until=row.snoozed_until,
        )


class NotificationPage(BaseModel):
    """Some notifications, newest first."""

    items: list[Notification]
    next: str | None = Field(description="The cursor of the next, older page; null at the end.")


class Mark(Input):
    """An action that needs no more than its name."""

    action: Literal["read", "unread", "seen", "archive", "unarchive", "unsnooze"]


class Snooze(Input):
    """Put aside until a moment within a year; what was read is unread again then."""

    action: Literal["snooze"]
    until: Preset | datetime = Field(description="A moment; without an offset it is in `time_zone`.")
    time_zone: str = Field("", description="Empty for the person's own.", examples=["Europe/Berlin"])


Which = Annotated[
    Annotated[list[int], Field(min_length=1, max_length=IDS_LIMIT)] | ListingInput,
    Field(description="Ids, or all that a listing holds. Ids of nobody's and of others' are left out."),
]


class MarkMany(Mark):
    """The same for several notifications, or for all of a listing."""

    which: Which


class SnoozeMany(Snooze):
    """The same for several notifications, or for all of a listing."""

    which: Which


class ChangeOne(RootModel[Annotated[Mark | Snooze, Field(discriminator="action")]]):
    """What to do to one notification."""


class ChangeMany(RootModel[Annotated[MarkMany | SnoozeMany, Field(discriminator="action")]]):
    """What to do to several notifications, or to all of a listing."""


class Changed(BaseModel):
    """What was done."""

    action: Action
    count: int = Field(description="How many were changed; those that were so already are not counted.")
    undo: str | None = Field(description="What takes it back; null where the opposite action does.")


class Undo(Input):
    """Take a change back."""

    undo: str = Field(pattern=r"^(read|seen|archive|snooze)\.[0-9]{1,17}$")


class Undone(BaseModel):
    """How much was taken back."""

    count: int = Field(description="What was changed again since stays as it is, and is not counted.")


class Notifications(ApiView):
    """The person's notifications."""

    @operation("list_notifications", {200: NotificationPage}, query=ListQuery)
    def get(self, request: Request, query: ListQuery) -> Response:
        """List notifications, newest first.

        Follow `next` for older ones. A page costs the same however far down it is.
        """
        page = _service.get_notifications(self.person, query.listing, query.cursor, query.size)
        answer = NotificationPage(
            items=[Notification.of(row) for row in page.items], next=page.next_cursor or None
        )
        return Response(answer.model_dump(mode="json"))


class OneNotification(ApiView):
    """One of the person's notifications."""

    @operation("get_notification", {200: Notification}, problems=["not-found"])
    def get(self, request: Request, notification_id: int) -> Response:
        """Show one notification, wherever it stands. It is not marked as read by that."""
        row = _service.get_notification(notification_id, self.person)
        if row is None:
            raise Refused("not-found")
        return Response(Notification.of(row).model_dump(mode="json"))


class OneChange(ApiView):
    """Changes to one notification."""

    @operation(
        "change_notification", {200: Changed}, body=ChangeOne, problems=["not-found", "cannot-be-done"]
    )
    def post(self, request: Request, notification_id: int, body: ChangeOne) -> Response:
        """Mark one as read, unread or seen; archive or snooze it, or bring it back."""
        return _changed(self.person, notification_id, body.root)


class ManyChanges(ApiView):
    """Changes to several notifications."""

    @operation(
        "change_notifications", {200: Changed}, body=ChangeMany, problems=["not-found", "cannot-be-done"]
    )
    def post(self, request: Request, body: ChangeMany) -> Response:
        """Do the same to several notifications, or to all of a listing."""
        which = body.root.which
        chosen = which.listing if isinstance(which, ListingInput) else tuple(which)
        return _changed(self.person, chosen, body.root)


class Undoing(ApiView):
    """Changes, taken back."""

    @operation("undo_change", {200: Undone}, body=Undo)
    def post(self, request: Request, body: Undo) -> Response:
        """Take a change back. Another person's token finds nothing."""
        count = _service.undo(self.person, Change.of_token(body.undo))
        return Response(Undone(count=count).model_dump())


def _changed(person: Model, which: Selection, wanted: Mark | Snooze) -> Response:
    if isinstance(wanted, Snooze):
        change = _service.snooze(person, which, _moment(person, wanted))
    else:
        change = MARKS[wanted.action](_service, person, which)
    if not change and not isinstance(which, Listing) and not _service.has_any(person, which):
        raise Refused("not-found")
    answer = Changed(action=change.action, count=change.count, undo=change.token or None)
    return Response(answer.model_dump(mode="json"))


def _moment(person: Model, wanted: Snooze) -> datetime:
    text = wanted.until.value if isinstance(wanted.until, Preset) else wanted.until.isoformat()
    moment = moment_of(text, zone_of(person, wanted.time_zone))
    if moment is None:
        raise Refused("cannot-be-done", _("Choose a date and time to come, within a year."))
    return moment
