"""`manage.py clarion schema`: payloads as JSON Schema, for whoever publishes from elsewhere."""

import json

import pytest
from django.core.management.base import CommandError

from clarion.events import EventTypes
from tests.integration.commands.command import clarion


def test_every_event_type_is_described() -> None:
    schemas = json.loads(clarion("schema"))

    assert list(schemas) == [event_type.name for event_type in EventTypes]
    for described in schemas.values():
        assert described["version"] >= 1
        assert described["schema"]["type"] == "object"


def test_one_event_type_is_described_alone() -> None:
    schemas = json.loads(clarion("schema", "order.shipped"))

    assert list(schemas) == ["order.shipped"]
    properties = schemas["order.shipped"]["schema"]["properties"]
    assert properties["order_id"]["type"] == "integer"
    assert properties["person_ids"] == {
        "items": {"type": "integer"},
        "title": "Person Ids",
        "type": "array",
    }


def test_a_misspelt_event_type_is_refused_with_the_one_probably_meant() -> None:
    with pytest.raises(CommandError, match=r"order\.shiped.*order\.shipped"):
        clarion("schema", "order.shiped")
