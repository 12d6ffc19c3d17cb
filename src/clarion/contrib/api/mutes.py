"""Mutes: the subjects a person wants to hear nothing of."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from pydantic import BaseModel, Field
from rest_framework.response import Response

from clarion import models
from clarion.contrib.api.input import Input
from clarion.contrib.api.notifications import Cursor, Size
from clarion.contrib.api.operation import operation
from clarion.contrib.api.problem import Refused
from clarion.contrib.api.view import ApiView
from clarion.inbox.listing import LARGEST_ID
from clarion.inbox.page import page_of
from clarion.inbox.service import PAGE_SIZE, NotificationService
from clarion.models.mute import SUBJECT_LIMIT, TITLE_LIMIT

if TYPE_CHECKING:
    from rest_framework.request import Request

_service = NotificationService()

NO_NUL = "^[^\\x00]*$"
"""Databases hold no text with it."""


class MuteQuery(Input):
    """A page of mutes."""

    cursor: Cursor = ""
    size: Size = PAGE_SIZE


class MuteInput(Input):
    """A subject to hear nothing more of, but for what is mandatory."""

    subject: str = Field(min_length=1, max_length=SUBJECT_LIMIT, pattern=NO_NUL, examples=["product:12"])
    title: str = Field(
        "", max_length=TITLE_LIMIT, pattern=NO_NUL, description="Words by which the person knows it again."
    )


class Mute(BaseModel):
    """A subject that the person hears nothing of."""

    id: int
    subject: str
    title: str
    created_at: datetime

    @classmethod
    def of(cls, row: models.Mute) -> Mute:
        """Return what is shown of a row."""
        return cls(id=row.pk, subject=row.subject, title=row.title, created_at=row.created_at)


class MutePage(BaseModel):
    """Some mutes, the latest first."""

    items: list[Mute]
    next: str | None = Field(description="The cursor of the next, older page; null at the end.")


class Mutes(ApiView):
    """The person's mutes."""

    @operation("list_mutes", {200: MutePage}, query=MuteQuery)
    def get(self, request: Request, query: MuteQuery) -> Response:
        """List what is muted, the latest first."""
        page = page_of(_service.get_mutes(self.person), query.cursor, query.size)
        answer = MutePage(items=[Mute.of(row) for row in page.items], next=page.next_cursor or None)
        return Response(answer.model_dump(mode="json"))

    @operation("mute", {200: Mute, 201: Mute}, body=MuteInput)
    def post(self, request: Request, body: MuteInput) -> Response:
        """Mute a subject. 200 where it was muted already."""
        is_new = _service.mute(self.person, body.subject, body.title)
        row = _service.get_mutes(self.person).get(subject=body.subject)
        return Response(Mute.of(row).model_dump(mode="json"), status=201 if is_new else 200)


class OneMute(ApiView):
    """One of the person's mutes."""

    @operation("unmute", {204: None}, problems=["not-found"])
    def delete(self, request: Request, mute_id: int) -> Response:
        """Let the person hear of a subject again."""
        known = _service.get_mutes(self.person).filter(pk__in=[mute_id] if mute_id <= LARGEST_ID else [])
        subject = known.values_list("subject", flat=True).first()
        if subject is None or not _service.unmute(self.person, subject):
            raise Refused("not-found")
        return Response(status=204)
