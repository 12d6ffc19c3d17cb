"""Payloads that are JSON, but not what the event type's schema asks for."""

import contextlib
import dataclasses
import datetime as dt
import enum
import json
import logging
import traceback
import uuid
from collections.abc import Callable
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, computed_field, field_validator
from typing_extensions import TypedDict

from clarion.events import Category, EventType
from clarion.exceptions import ImproperlyDeclared, InvalidPayload

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
    with pytest.raises(InvalidPayload) as caught:
        event_type.validate(payload)
    return caught.value


ALLOWED = "pass what OrderPayload allows, or widen the schema"
AWARE = 'pass an aware datetime\'s isoformat(), as in "2026-01-31T09:00:00+00:00"'


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": 7}, "payload.name: got int, expected str; fix: pass str(name)"),
        ({"name": None}, f"payload.name: got None, expected str; fix: {ALLOWED}"),
        ({"name": ["Kite"]}, f"payload.name: got list, expected str; fix: {ALLOWED}"),
        ({"order_id": "7"}, "payload.order_id: got str, expected int; fix: pass int(order_id)"),
        ({"order_id": True}, "payload.order_id: got bool, expected int; fix: pass int(order_id)"),
        ({"order_id": 7.5}, "payload.order_id: got float, expected int; fix: pass int(order_id)"),
        ({"total": "9.90"}, "payload.total: got str, expected float; fix: pass float(total)"),
        ({"paid": "yes"}, f"payload.paid: got str, expected bool; fix: {ALLOWED}"),
        ({"address": 7}, f"payload.address: got int, expected dict; fix: {ALLOWED}"),
        ({"lines": {}}, f"payload.lines: got dict, expected list; fix: {ALLOWED}"),
        ({"counts": []}, f"payload.counts: got list, expected dict; fix: {ALLOWED}"),
        ({"reference": 7.5}, f"payload.reference: got float, expected int or str; fix: {ALLOWED}"),
        (
            {"state": "lost"},
            f"payload.state: got str of 4 characters, expected 'open' or 'closed'; fix: {ALLOWED}",
        ),
        (
            {"code": "x1"},
            f"payload.code: got str of 2 characters, expected to match pattern '^[A-Z]'; fix: {ALLOWED}",
        ),
        ({"quantity": 0}, f"payload.quantity: got int, expected greater than or equal to 1; fix: {ALLOWED}"),
        ({"trace": "xyz"}, f"payload.trace: got str of 3 characters, expected a valid UUID; fix: {ALLOWED}"),
        (
            {"name": "x" * 41},
            (f"payload.name: got str of 41 characters, expected at most 40 characters; fix: {ALLOWED}"),
        ),
        (
            {"note": CANARY},
            (
                "payload.note: got str of 22 characters, expected a value that its validator accepts; "
                f"fix: {ALLOWED}"
            ),
        ),
        (
            {"address": {}},
            (
                "payload.address.street: got nothing, expected a value; "
                "fix: add street, which OrderPayload requires"
            ),
        ),
        ({"lines": [{"street": 7}]}, "payload.lines[0].street: got int, expected str; fix: pass str(street)"),
        ({"counts": {"red": "1"}}, "payload.counts.red: got str, expected int; fix: pass int(red)"),
        ({"placed_at": 1}, f"payload.placed_at: got int, expected a valid datetime; fix: {ALLOWED}"),
        (
            {"placed_at": "soon"},
            f"payload.placed_at: got str of 4 characters, expected a valid datetime; fix: {ALLOWED}",
        ),
        (
            {"placed_at": "2026-01-31T09:00:00"},
            f"payload.placed_at: got a naive datetime, expected a datetime with a UTC offset; fix: {AWARE}",
        ),
        (
            {"lines": [{"street": "A", "since": "2026-01-31T09:00:00"}]},
            (
                "payload.lines[0].since: got a naive datetime, expected a datetime with a UTC offset; "
                f"fix: {AWARE}"
            ),
        ),
    ],
)
def test_a_value_of_the_wrong_kind_is_told_where_what_and_how_to_mend_it(
    change: dict[str, Any], message: str
) -> None:
    assert str(refusal(GOOD | change)) == f"order.placed: {message}"


def test_a_missing_field_is_named() -> None:
    assert str(refusal({"order_id": 7})) == (
        "order.placed: payload.name: got nothing, expected a value; "
        "fix: add name, which OrderPayload requires"
    )


def test_an_extra_field_is_refused_even_if_the_schema_is_lenient() -> None:
    assert str(refusal(GOOD | {"zebra": 1})) == (
        "order.placed: payload.zebra: got a field that is not in the schema, "
        "expected only fields of the schema; fix: remove it, or add it to OrderPayload"
    )


def test_an_extra_field_deep_inside_is_refused() -> None:
    assert refusal(GOOD | {"address": {"street": "A", "city": "B"}}).path == "payload.address.city"


def test_a_misspelt_field_is_told_the_right_one() -> None:
    problem = refusal({"order_id": 7, "nmae": "Kite"})
    assert [fault.path for fault in (problem, *problem.others)] == ["payload.name", "payload.nmae"]
    assert problem.others[0].fix == 'did you mean "name"? Otherwise remove it, or add it to OrderPayload'


def test_the_parts_of_the_message_are_attributes_too() -> None:
    problem = refusal(GOOD | {"name": 7})
    assert (problem.event_type, problem.path, problem.got, problem.expected, problem.fix) == (
        "order.placed",
        "payload.name",
        "int",
        "str",
        "pass str(name)",
    )


@pytest.mark.parametrize(
    "change",
    [
        {"note": CANARY},
        {"name": CANARY + "x" * 40},
        {"state": CANARY},
        {"trace": CANARY},
        {"order_id": CANARY},
        {"counts": {CANARY: "x"}},
        {CANARY: 1},
        {"address": CANARY},
        {"note": CANARY + "\0"},
        {"counts": {CANARY + "\0": 1}},
    ],
)
def test_no_payload_value_reaches_a_message_or_a_traceback(
    change: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    problem = refusal(GOOD | change)
    logging.getLogger("tests").error("refused", exc_info=problem)
    assert CANARY not in str(problem)
    assert CANARY not in "".join(traceback.format_exception(problem))
    assert CANARY not in caplog.text
    assert problem.__context__ is None


def test_defaults_are_filled_in() -> None:
    assert ORDER_PLACED.validate(GOOD)["state"] == "open"


def test_an_aware_datetime_is_stored_as_text() -> None:
    stored = ORDER_PLACED.validate(GOOD | {"placed_at": "2026-01-31T09:00:00+01:00"})
    assert stored["placed_at"] == "2026-01-31T09:00:00+01:00"


def test_the_payload_that_was_passed_stays_as_it_was() -> None:
    payload = {"order_id": 7, "name": "Kite"}
    ORDER_PLACED.validate(payload)
    assert payload == {"order_id": 7, "name": "Kite"}


def test_fields_are_stored_under_the_names_they_were_published_with(
    declare: Callable[..., EventType],
) -> None:
    class MessagePayload(BaseModel):
        sender: str = Field(alias="from")

        @computed_field  # type: ignore[prop-decorator]
        @property
        def initial(self) -> str:
            return self.sender[:1]

    assert declare(payload=MessagePayload).validate({"from": "Ada"}) == {"from": "Ada"}


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


class AnyPayload(TypedDict):
    value: Any


ANYTHING = EventType(
    name="any.thing", display_name="Anything", category=Category("any", "Any"), payload=AnyPayload
)
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    TEXT,
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=8,
)


@given(JSON)
def test_every_json_value_comes_back_as_it_was(value: Any) -> None:
    stored = ANYTHING.validate({"value": value})
    assert stored == {"value": value}
    assert ANYTHING.validate(json.loads(json.dumps(stored))) == stored


ODD = st.one_of(
    st.binary(max_size=5),
    st.decimals(),
    st.datetimes(),
    st.floats(),
    st.integers(),
    st.text(st.characters(), max_size=5),
    st.sets(st.integers(), max_size=2),
    st.none(),
)
KEYS = st.integers() | st.text(st.characters(), max_size=3)
MESS = st.recursive(
    ODD,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)


@given(MESS)
def test_whatever_is_published_is_stored_as_json_or_refused(payload: Any) -> None:
    with contextlib.suppress(InvalidPayload):
        ORDER_PLACED.validate(payload)
    with contextlib.suppress(InvalidPayload):
        json.dumps(ANYTHING.validate({"value": payload}), allow_nan=False).encode()
