"""An event type whose schema has every kind of field."""

import datetime as dt
import uuid
from typing import Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, field_validator

from clarion.events import Category, EventType
from clarion.exceptions import InvalidPayload

CANARY = "canary@private.example"


class Address(BaseModel):
    street: str
    since: dt.datetime | None = None


class OrderPayload(BaseModel):
    model_config = ConfigDict(extra="allow")

    order_id: int
    name: str = Field(max_length=40)
    code: str = Field("A1", pattern="^[A-Z]")
    quantity: int = Field(1, ge=1)
    total: float = 0
    paid: bool = False
    note: str | None = None
    placed_at: dt.datetime | None = None
    reference: int | str = 0
    state: Literal["open", "closed"] = "open"
    trace: uuid.UUID | None = None
    address: Address | None = None
    lines: list[Address] = []
    counts: dict[str, int] = {}

    @field_validator("note")
    @classmethod
    def check_note(cls, note: str | None) -> str | None:
        if note == CANARY:
            raise ValueError(f"{note} is not a note")
        return note


GOOD = {"order_id": 7, "name": "Kite"}
ORDER_PLACED = EventType(
    name="order.placed",
    display_name="Order placed",
    category=Category("order", "Orders"),
    payload=OrderPayload,
)


def refusal(payload: dict[str, Any], event_type: EventType = ORDER_PLACED) -> InvalidPayload:
    """Return what is raised for a payload that is refused."""
    with pytest.raises(InvalidPayload) as caught:
        event_type.validate(payload)
    return caught.value
