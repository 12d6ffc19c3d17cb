"""Schemas of payloads: what one may be, what templates may use of it, and how it is exported."""

import dataclasses
import datetime as dt
import enum
import json
import uuid
from collections.abc import Callable
from typing import Any, Literal

import pytest
from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from clarion.events import EventType
from clarion.exceptions import ImproperlyDeclared
from tests.unit.events.orders import ORDER_PLACED, Address, refusal


@dataclasses.dataclass
class DataclassPayload:
    name: str
    url: str = "/"


class TypedDictPayload(TypedDict):
    name: str


@pytest.mark.parametrize("payload", [DataclassPayload, TypedDictPayload])
def test_dataclasses_and_typed_dicts_are_as_strict_as_models(
    declare: Callable[..., EventType], payload: type
) -> None:
    event_type = declare(payload=payload)
    assert event_type.validate({"name": "Kite"})["name"] == "Kite"
    assert refusal({"name": 7}, event_type).expected == "str"
    assert refusal({}, event_type).got == "nothing"
    assert refusal({"name": "Kite", "nmae": 1}, event_type).fix.startswith('did you mean "name"?')


class Size(enum.StrEnum):
    SMALL = "s"


class Node(BaseModel):
    name: str
    parent: "Node | None" = None


class MixedPayload(BaseModel):
    text: str
    count: int | None
    share: float
    flag: bool
    size: Size
    state: Literal["a", 1]
    day: dt.date
    at: dt.datetime | None
    key: uuid.UUID
    number_or_text: int | str
    names: list[str]
    counts: dict[str, int]
    address: Address
    anything: Any
    text_or_list: str | list[str]
    hyphen: str = Field(alias="with-hyphen")


def test_templates_may_use_fields_that_hold_a_single_value(declare: Callable[..., EventType]) -> None:
    assert declare(payload=MixedPayload).parameters == (
        "text",
        "count",
        "share",
        "flag",
        "size",
        "state",
        "day",
        "at",
        "key",
        "number_or_text",
    )


def test_a_schema_that_refers_to_itself_has_parameters_too(declare: Callable[..., EventType]) -> None:
    assert declare(payload=Node).parameters == ("name",)


def test_the_json_schema_can_be_exported() -> None:
    schema = ORDER_PLACED.json_schema()
    assert schema["required"] == ["order_id", "name"]
    assert json.loads(json.dumps(schema)) == schema


def test_a_schema_without_json_form_is_told_so(declare: Callable[..., EventType]) -> None:
    class CallbackPayload(BaseModel):
        callback: Callable[[], None]

    with pytest.raises(ImproperlyDeclared, match="CallbackPayload, which pydantic cannot read"):
        declare(payload=CallbackPayload).json_schema()
