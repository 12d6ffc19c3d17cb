"""What a developer may publish by mistake: the message each mistake gets, and that nothing is written."""

import decimal
import math
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from clarion.bus import get_event_bus
from clarion.exceptions import (
    IdempotencyConflict,
    InvalidIdempotencyKey,
    InvalidInput,
    InvalidPayload,
    InvalidSchedule,
    UnknownEventType,
)
from clarion.models import EventLog
from clarion.testing import commit

pytestmark = pytest.mark.django_db

Hints = list[tuple[str, int]]

NINE = datetime(2026, 1, 31, 9, tzinfo=UTC)
NAIVE = NINE.replace(tzinfo=None)

GOOD: dict[str, Any] = {"order_id": 7, "item": "Kite", "url": "/orders/7/", "person_ids": [1]}
REGISTER = "register it in the events.py of an installed app; `EventTypes.choices` lists what there is"
WIDEN = "pass what OrderShipped allows, or widen the schema"
UNKNOWN_FIELD = "a field that is not in the schema"
SCHEMA_ONLY = "only fields of the schema"
SHRINK = "publish the ids of what is large, and load the rest in the handler"
AWARE = "make it aware with django.utils.timezone.make_aware({})"


def refusal(kind: type[InvalidInput], event_type: str, payload: Any, **options: Any) -> str:
    """Publish what should be refused, and return the message."""
    with pytest.raises(kind) as caught, commit():
        get_event_bus().publish(event_type, payload, **options)
    return str(caught.value)


@pytest.fixture(autouse=True)
def _nothing_is_written(hints: Hints) -> Any:
    yield
    assert not EventLog.objects.exclude(idempotency_key="used before").exists()
    assert hints == []


@pytest.mark.parametrize(
    ("name", "got", "fix"),
    [
        ("order.shiped", "'order.shiped'", f'did you mean "order.shipped"? Otherwise {REGISTER}'),
        ("weather.changed", "'weather.changed'", REGISTER),
        (7, "int", "pass its name, a str"),
    ],
)
def test_an_unknown_event_type(name: str, got: str, fix: str) -> None:
    assert refusal(UnknownEventType, name, GOOD) == (
        f"event_type: got {got}, expected a registered event type; fix: {fix}"
    )


@pytest.mark.parametrize(
    ("changes", "path", "got", "expected", "fix"),
    [
        ({"item": ...}, "item", "nothing", "a value", "add item, which OrderShipped requires"),
        ({"order_id": "7"}, "order_id", "str", "int", "pass int(order_id)"),
        ({"order_id": None}, "order_id", "None", "int", WIDEN),
        ({"person_ids": 1}, "person_ids", "int", "list", WIDEN),
        ({"person_ids": [1, "2"]}, "person_ids[1]", "str", "int", "pass int(value)"),
        ({"colour": "red"}, "colour", UNKNOWN_FIELD, SCHEMA_ONLY, "remove it, or add it to OrderShipped"),
        (
            *({"itm": "Kite"}, "itm", UNKNOWN_FIELD, SCHEMA_ONLY),
            'did you mean "item"? Otherwise remove it, or add it to OrderShipped',
        ),
        ({"item": User()}, "item", "User (a model instance)", "a JSON value", "pass item.pk"),
        ({"order_id": decimal.Decimal(7)}, "order_id", "Decimal", "a JSON value", "pass str(order_id)"),
        ({"item": NINE}, "item", "datetime", "a JSON value", "pass item.isoformat()"),
        (
            *({"item": NAIVE}, "item", "naive datetime", "a JSON value"),
            f"{AWARE.format('item')}, then pass its isoformat()",
        ),
        ({"item": b"Kite"}, "item", "bytes", "a JSON value", "pass text, as in item.decode()"),
        ({"item": {"Kite"}}, "item", "set", "a JSON value", "pass list(item)"),
        ({"order_id": math.nan}, "order_id", "NaN", "a finite number", "pass None, or leave the field out"),
        (
            *({"order_id": -math.inf}, "order_id", "Infinity", "a finite number"),
            "pass None, or leave the field out",
        ),
        (
            *({"item": "Ki\0te"}, "item", "str with a NUL character", "plain text"),
            r'remove it, as in item.replace("\0", "")',
        ),
        (
            *({"item": "Kite \ud83e"}, "item", "str with a lone surrogate", "plain text"),
            "decode the bytes it was read from with their own encoding",
        ),
    ],
)
def test_a_payload_that_breaks_the_contract(
    changes: dict[str, Any], path: str, got: str, expected: str, fix: str
) -> None:
    payload = {name: value for name, value in (GOOD | changes).items() if value is not ...}

    assert refusal(InvalidPayload, "order.shipped", payload) == (
        f"order.shipped: payload.{path}: got {got}, expected {expected}; fix: {fix}"
    )


def test_a_payload_that_is_too_large() -> None:
    assert refusal(InvalidPayload, "order.shipped", GOOD | {"item": "K" * 70_000}) == (
        "order.shipped: payload: got 70060 bytes of JSON, expected at most 65536 bytes of JSON; "
        f"fix: {SHRINK}"
    )


def test_a_payload_with_several_faults_hears_of_each() -> None:
    payload = {"order_id": "7", "itm": "Kite", "url": "/orders/7/", "person_ids": [1]}

    faults = refusal(InvalidPayload, "order.shipped", payload).splitlines()

    assert [fault.partition(": got ")[0] for fault in faults] == [
        "order.shipped: payload.order_id",
        "order.shipped: payload.item",
        "order.shipped: payload.itm",
    ]


def test_a_payload_that_is_nested_too_deeply() -> None:
    nested: list[Any] = []
    for _ in range(20):
        nested = [nested]

    assert refusal(InvalidPayload, "order.shipped", GOOD | {"person_ids": nested}) == (
        f"order.shipped: payload.person_ids{'[0]' * 15}: got nesting deeper than 16 levels, expected at "
        "most 16 levels; fix: publish a flat payload, and look for a dict or list that contains itself"
    )


def test_a_payload_that_is_no_dict() -> None:
    assert refusal(InvalidPayload, "order.shipped", [7]) == (
        "order.shipped: payload: got list, expected dict; "
        "fix: pass a dict with the fields of OrderShipped: order_id, item, url, person_ids"
    )


def test_a_payload_s_values_are_never_quoted() -> None:
    message = refusal(InvalidPayload, "order.shipped", GOOD | {"order_id": "canary", "canary-key": "canary"})

    assert "canary" not in message


@pytest.mark.parametrize(
    ("at", "got", "fix"),
    [
        (NAIVE, "a naive datetime", AWARE.format("at")),
        (
            timezone.now() + timedelta(days=400),
            "a time too far ahead",
            "keep the date in your own model and publish when it comes near",
        ),
        ("2026-01-31T09:00:00Z", "str", "pass a datetime"),
        (timedelta(hours=1), "timedelta", "pass a datetime"),
    ],
    ids=["naive", "far", "text", "span"],
)
def test_a_schedule_that_cannot_be_kept(at: Any, got: str, fix: str) -> None:
    assert refusal(InvalidSchedule, "order.shipped", GOOD, at=at) == (
        f"order.shipped: at: got {got}, expected an aware datetime within 366 days; fix: {fix}"
    )


@pytest.mark.parametrize(
    ("key", "got"),
    [
        ("", "empty text"),
        ("  ", "empty text"),
        ("k" * 201, "201 characters"),
        ("order\0seven", "control characters"),
        ("order\nseven", "control characters"),
        ("order-\ud83e", "control characters"),
        (7, "int"),
        (b"order-7", "bytes"),
    ],
)
def test_an_idempotency_key_that_cannot_be_used(key: Any, got: str) -> None:
    assert refusal(InvalidIdempotencyKey, "order.shipped", GOOD, idempotency_key=key) == (
        f"order.shipped: idempotency_key: got {got}, expected 1 to 200 printable characters; "
        "fix: pass a short text that names this one event, or leave it out"
    )


def test_an_idempotency_key_that_was_used_for_another_payload(hints: Hints) -> None:
    first = get_event_bus().publish("order.shipped", GOOD, idempotency_key="used before")

    message = refusal(
        IdempotencyConflict, "order.shipped", GOOD | {"item": "Ball"}, idempotency_key="used before"
    )

    assert message == (
        f"order.shipped: idempotency_key: got the key of event #{first.pk} with another payload, expected "
        "the same payload, or a key not used before; fix: derive the key from what happened, such as "
        "f'product-created-{product.pk}'"
    )
    assert EventLog.objects.get().payload == GOOD
