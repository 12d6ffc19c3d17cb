"""Counts: how many notifications a person has, and whether there is news."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponseBase
from pydantic import BaseModel, Field
from rest_framework.response import Response

from clarion.contrib.api.operation import operation
from clarion.contrib.api.view import ApiView
from clarion.inbox.live import state_response, stream_response
from clarion.inbox.service import NotificationService

if TYPE_CHECKING:
    from rest_framework.request import Request


class Counts(BaseModel):
    """How many there are. What is snoozed or archived is in no other count."""

    unread: int
    unseen: int
    snoozed: int
    archived: int


class InboxState(BaseModel):
    """What a badge shows."""

    tag: str = Field(description="Another word whenever the inbox has changed.")
    unread: int = Field(description="Counted up to 100.")
    badge: str = Field(examples=["99+"])
    label: str = Field(description="The same in words, in the language asked for.")


class Counting(ApiView):
    """Counts of the person's notifications."""

    @operation("count_notifications", {200: Counts})
    def get(self, request: Request) -> Response:
        """Count notifications by state."""
        counts = NotificationService().get_counts(self.person)
        return Response(Counts(**counts._asdict()).model_dump())


class Polling(ApiView):
    """The state of the person's inbox."""

    @operation("get_state", {200: InboxState})
    def get(self, request: Request) -> HttpResponseBase:
        """Tell whether anything has changed: with its ETag in If-None-Match this is 304 until it has.

        This is the cheap question to ask again and again.
        """
        return state_response(request._request, self.person)


class Streaming(ApiView):
    """Changes of the person's inbox."""

    @operation("stream_changes", {200: "text/event-stream", 204: None})
    def get(self, request: Request) -> HttpResponseBase:
        """Send the state, now and whenever it changes, as server-sent events named `change`.

        204 where the server has no streams: ask for the state instead. 429 for one stream too many.
        """
        return stream_response(request._request, self.person)
