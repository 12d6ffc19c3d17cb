"""What a developer may hand to publish by mistake, and the message that each mistake gets."""

import datetime as dt
import decimal
import enum
import math
import uuid
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.utils.translation import gettext_lazy
from pydantic import BaseModel

from clarion.events import EventType
from clarion.events.json_values import MAX_BYTES, MAX_DEPTH, MAX_FAULTS
from clarion.exceptions import InvalidPayload

GOOD = {"product_id": 7, "name": "Kite"}
NINE = dt.datetime(2026, 1, 31, 9, tzinfo=dt.UTC)


class Colour(enum.Enum):
    RED = "red"


def refusal(event_type: EventType, payload: object) -> InvalidPayload:
    with pytest.raises(InvalidPayload) as caught:
        event_type.validate(payload)
    return caught.value


@pytest.mark.parametrize(
    ("payload", "got"), [(None, "None"), ([], "list"), ("{}", "str"), (b"{}", "bytes"), (7, "int")]
)
def test_a_payload_that_is_no_dict_is_told_its_fields(
    product_created: EventType, payload: object, got: str
) -> None:
    assert str(refusal(product_created, payload)) == (
        f"product.created: payload: got {got}, expected dict; "
        "fix: pass a dict with the fields of ProductPayload: product_id, name, url, tags"
    )


def test_an_instance_of_a_schema_is_told_to_become_a_dict(product_created: EventType) -> None:
    class Other(BaseModel):
        name: str

    assert str(refusal(product_created, Other(name="Kite"))) == (
        'product.created: payload: got Other, expected dict; fix: pass payload.model_dump(mode="json")'
    )


@pytest.mark.parametrize(
    ("value", "got", "fix"),
    [
        (decimal.Decimal("9.90"), "Decimal", "pass str(name)"),
        (uuid.UUID(int=1), "UUID", "pass str(name)"),
        (gettext_lazy("Yes"), "__proxy__", "pass str(name)"),
        (NINE, "datetime", "pass name.isoformat()"),
        (NINE.date(), "date", "pass name.isoformat()"),
        (NINE.time(), "time", "pass name.isoformat()"),
        (
            NINE.replace(tzinfo=None),
            "naive datetime",
            "make it aware with django.utils.timezone.make_aware(name), then pass its isoformat()",
        ),
        (dt.timedelta(hours=1), "timedelta", "pass name.total_seconds()"),
        (Colour.RED, "Colour", "pass name.value"),
        (b"Kite", "bytes", "pass text, as in name.decode()"),
        ({"Kite"}, "set", "pass list(name)"),
        (("Kite",), "tuple", "pass list(name)"),
        (1j, "complex", "pass a str, int, float, bool, None, list or dict made from it"),
    ],
)
def test_a_value_that_json_does_not_know_is_told_how_to_become_one(
    product_created: EventType, value: object, got: str, fix: str
) -> None:
    assert str(refusal(product_created, GOOD | {"name": value})) == (
        f"product.created: payload.name: got {got}, expected a JSON value; fix: {fix}"
    )


def test_a_model_instance_is_told_to_pass_its_key(product_created: EventType) -> None:
    person = get_user_model()(username="ada")
    assert str(refusal(product_created, GOOD | {"product_id": person})) == (
        "product.created: payload.product_id: got User (a model instance), expected a JSON value; "
        "fix: pass product_id.pk"
    )


def test_a_queryset_is_told_to_pass_its_keys_and_is_not_run(product_created: EventType) -> None:
    people = get_user_model().objects.all()  # without database access, running it would fail the test
    assert str(refusal(product_created, GOOD | {"tags": people})) == (
        "product.created: payload.tags: got QuerySet, expected a JSON value; "
        'fix: pass list(tags.values_list("pk", flat=True))'
    )


@pytest.mark.parametrize(
    ("value", "got"), [(math.nan, "NaN"), (math.inf, "Infinity"), (-math.inf, "Infinity")]
)
def test_a_number_that_is_not_finite_is_refused(product_created: EventType, value: float, got: str) -> None:
    assert str(refusal(product_created, GOOD | {"product_id": value})) == (
        f"product.created: payload.product_id: got {got}, expected a finite number; "
        "fix: pass None, or leave the field out"
    )


@pytest.mark.parametrize(("value", "bits"), [(2**63, 64), (-(2**63) - 1, 64), (2**64, 65)])
def test_an_int_no_database_holds_is_refused(product_created: EventType, value: int, bits: int) -> None:
    assert str(refusal(product_created, GOOD | {"product_id": value})) == (
        f"product.created: payload.product_id: got int of {bits} bits, expected an int that fits 64 bits; "
        "fix: pass str(product_id)"
    )


@pytest.mark.parametrize("value", [2**63 - 1, -(2**63)])
def test_the_largest_ints_are_accepted(product_created: EventType, value: int) -> None:
    assert product_created.validate(GOOD | {"product_id": value})["product_id"] == value


def test_a_nul_character_is_refused(product_created: EventType) -> None:
    assert str(refusal(product_created, GOOD | {"tags": ["new", "ki\0te"]})) == (
        "product.created: payload.tags[1]: got str with a NUL character, expected plain text; "
        r'fix: remove it, as in value.replace("\0", "")'
    )


def test_a_lone_surrogate_is_refused(product_created: EventType) -> None:
    assert str(refusal(product_created, GOOD | {"name": "Kite \ud83d"})) == (
        "product.created: payload.name: got str with a lone surrogate, expected plain text; "
        "fix: decode the bytes it was read from with their own encoding"
    )


@pytest.mark.parametrize(
    ("key", "got", "expected", "fix"),
    [
        (7, "a key of type int", "str keys", "write the key as str(key)"),
        (None, "a key of type NoneType", "str keys", "write the key as str(key)"),
        ("a\0", "a key with a NUL character", "plain text", r'remove it, as in key.replace("\0", "")'),
        (
            "\udc00",
            "a key with a lone surrogate",
            "plain text",
            "decode the bytes it was read from with their own encoding",
        ),
    ],
)
def test_a_key_that_json_does_not_know_is_refused(
    product_created: EventType, key: object, got: str, expected: str, fix: str
) -> None:
    assert str(refusal(product_created, GOOD | {"tags": {key: 1}})) == (
        f"product.created: payload.tags: got {got}, expected {expected}; fix: {fix}"
    )


def nested(levels: int) -> dict[str, Any]:
    payload: dict[str, Any] = {}
    for _ in range(levels - 1):
        payload = {"tags": payload}
    return payload


def test_deep_nesting_is_refused(product_created: EventType) -> None:
    problem = refusal(product_created, nested(MAX_DEPTH + 1))
    assert str(problem) == (
        f"product.created: payload{'.tags' * MAX_DEPTH}: got nesting deeper than 16 levels, "
        "expected at most 16 levels; "
        "fix: publish a flat payload, and look for a dict or list that contains itself"
    )


def test_nesting_to_the_limit_is_left_to_the_schema(product_created: EventType) -> None:
    assert "nesting" not in str(refusal(product_created, nested(MAX_DEPTH)))


def test_a_payload_that_contains_itself_is_refused_as_too_deep(product_created: EventType) -> None:
    tags: list[Any] = []
    tags += [tags, tags]
    problem = refusal(product_created, GOOD | {"tags": tags})
    assert problem.got == "nesting deeper than 16 levels"
    assert problem.others == ()


def test_an_oversize_payload_is_told_its_size(product_created: EventType) -> None:
    # Two bytes each in UTF-8.
    assert str(refusal(product_created, GOOD | {"name": "é" * 40_000})) == (
        "product.created: payload: got 80026 bytes of JSON, expected at most 65536 bytes of JSON; "
        "fix: publish the ids of what is large, and load the rest in the handler"
    )


def test_a_payload_may_be_as_long_as_the_limit(product_created: EventType) -> None:
    room = MAX_BYTES - len('{"product_id":7,"name":""}')
    assert product_created.validate(GOOD | {"name": "x" * room})["name"] == "x" * room
    assert refusal(product_created, GOOD | {"name": "x" * (room + 1)}).got == f"{MAX_BYTES + 1} bytes of JSON"


def test_values_without_end_are_not_looked_at_one_by_one(product_created: EventType) -> None:
    # Shared, not copied: written out, these would be ten to the twelfth.
    tags: list[Any] = [1] * 10
    for _ in range(11):
        tags = [tags] * 10
    assert refusal(product_created, GOOD | {"tags": tags}).got == "more than 65536 values"


def test_several_faults_are_told_at_once(product_created: EventType) -> None:
    problem = refusal(product_created, {"product_id": decimal.Decimal(7), "name": uuid.UUID(int=1)})
    assert str(problem).splitlines() == [
        "product.created: payload.product_id: got Decimal, expected a JSON value; fix: pass str(product_id)",
        "product.created: payload.name: got UUID, expected a JSON value; fix: pass str(name)",
    ]


def test_a_flood_of_faults_is_cut_short(product_created: EventType) -> None:
    for tag in (b"", 7):
        problem = refusal(product_created, GOOD | {"tags": [tag] * 1_000})
        assert len(problem.others) == MAX_FAULTS - 1


def test_faults_are_told_in_the_order_of_the_payload(product_created: EventType) -> None:
    problem = refusal(product_created, {"name": [b""], "tags": [[b""], [b""]]})
    assert [fault.path for fault in (problem, *problem.others)] == [
        "payload.name[0]",
        "payload.tags[0][0]",
        "payload.tags[1][0]",
    ]


@pytest.mark.parametrize("key", ["ada@shop.example", "x" * 65, "two words"])
def test_a_key_that_may_be_data_is_told_by_its_length(product_created: EventType, key: str) -> None:
    assert refusal(product_created, {key: b""}).path == f"payload[a key of {len(key)} characters]"


def test_text_made_by_django_is_text(product_created: EventType) -> None:
    class Status(enum.StrEnum):
        NEW = "new"

    stored = product_created.validate(GOOD | {"name": Status.NEW})
    assert stored["name"] == "new"
    assert type(stored["name"]) is str
