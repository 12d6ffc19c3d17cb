"""What is stored of a payload: JSON, and nothing else than was published."""

import contextlib
import json
from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field, computed_field
from typing_extensions import TypedDict

from clarion.events import Category, EventType
from clarion.exceptions import InvalidPayload
from tests.unit.events.orders import GOOD, ORDER_PLACED


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
