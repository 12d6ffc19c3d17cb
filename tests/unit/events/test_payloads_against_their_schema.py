"""Payloads that are JSON, but not what the event type's schema asks for."""

import logging
import traceback
from typing import Any

import pytest

from tests.unit.events.orders import CANARY, GOOD, refusal

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
