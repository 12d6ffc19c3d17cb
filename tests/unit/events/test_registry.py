"""EventTypes: what can happen, found by name."""

import copy
import inspect
import os
import pickle
import subprocess
import sys
from collections.abc import Callable

import pytest
from django.utils.translation import gettext_lazy

from clarion.events import Category, EventType, EventTypeRegistry
from clarion.exceptions import ImproperlyDeclared, UnknownEventType

Declare = Callable[..., EventType]
ELSEWHERE = "register it in the events.py of an installed app; `EventTypes.choices` lists what there is"


@pytest.fixture
def registry(declare: Declare) -> EventTypeRegistry:
    registry = EventTypeRegistry()
    registry.register(
        declare(name="product.created", display_name="Product created"),
        declare(name="product.deleted", display_name="Product deleted"),
        declare(name="team.joined", display_name="Someone joined", category=Category("team", "Teams")),
    )
    return registry


def test_a_constant_is_the_name(registry: EventTypeRegistry) -> None:
    assert registry.PRODUCT_CREATED == "product.created"
    assert type(registry.PRODUCT_CREATED) is str
    assert "PRODUCT_CREATED" in dir(registry)


def test_types_are_found_counted_and_listed_in_order(registry: EventTypeRegistry) -> None:
    assert registry.get(registry.TEAM_JOINED).display_name == "Someone joined"
    assert [event_type.name for event_type in registry] == [
        "product.created",
        "product.deleted",
        "team.joined",
    ]
    assert len(registry) == 3
    assert registry.choices[0] == ("product.created", "Product created")
    assert "team.joined" in registry
    assert "team.left" not in registry
    assert ["team.joined"] not in registry


def test_categories_are_listed_once_with_their_types(registry: EventTypeRegistry) -> None:
    assert [category.name for category in registry.categories] == ["product", "team"]
    assert [event_type.name for event_type in registry.in_category("product")] == [
        "product.created",
        "product.deleted",
    ]
    assert registry.in_category("billing") == []


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "product.craeted",
            (
                "event_type: got 'product.craeted', expected a registered event type; "
                f'fix: did you mean "product.created"? Otherwise {ELSEWHERE}'
            ),
        ),
        ("zzz", f"event_type: got 'zzz', expected a registered event type; fix: {ELSEWHERE}"),
        (
            "z" * 5000,
            f"event_type: got str of 5000 characters, expected a registered event type; fix: {ELSEWHERE}",
        ),
        (None, "event_type: got NoneType, expected a registered event type; fix: pass its name, a str"),
        ([], "event_type: got list, expected a registered event type; fix: pass its name, a str"),
    ],
)
def test_an_unknown_type_is_told_what_was_probably_meant(
    registry: EventTypeRegistry, name: str, message: str
) -> None:
    with pytest.raises(UnknownEventType) as caught:
        registry.get(name)
    assert str(caught.value) == message
    assert isinstance(caught.value, LookupError)


def test_the_declaration_in_place_of_its_name_is_told_so(declare: Declare) -> None:
    with pytest.raises(UnknownEventType) as caught:
        EventTypeRegistry().get(declare())  # type: ignore[arg-type]
    assert str(caught.value) == (
        "event_type: got an EventType, expected a registered event type; "
        'fix: pass its name, "product.created"'
    )


def test_a_misspelt_constant_is_told_the_right_one(registry: EventTypeRegistry) -> None:
    with pytest.raises(AttributeError) as caught:
        _ = registry.PRODUCT_CRAETED
    assert str(caught.value) == (
        "EventTypes has no PRODUCT_CRAETED. Did you mean EventTypes.PRODUCT_CREATED?"
    )
    with pytest.raises(AttributeError, match=r"EventTypes has no ZZZ\.$"):
        _ = registry.ZZZ


def test_the_registry_can_be_copied_pickled_and_inspected(registry: EventTypeRegistry) -> None:
    assert len(copy.copy(registry)) == 3
    assert len(pickle.loads(pickle.dumps(EventTypeRegistry()))) == 0
    assert not hasattr(registry, "__wrapped__")
    assert inspect.unwrap(registry) is registry  # type: ignore[arg-type]
    # Before __init__ has run, as copying does it.
    assert not hasattr(EventTypeRegistry.__new__(EventTypeRegistry), "_types")


def test_registering_the_same_declaration_again_changes_nothing(declare: Declare) -> None:
    registry, event_type = EventTypeRegistry(), declare()
    registry.register(event_type)
    registry.register(event_type)
    assert list(registry) == [event_type]


def test_a_second_declaration_of_a_name_is_refused(registry: EventTypeRegistry, declare: Declare) -> None:
    with pytest.raises(ImproperlyDeclared) as caught:
        registry.register(declare(display_name="Made"))
    assert str(caught.value) == (
        "product.created: name: got a second declaration, expected one declaration of each name; "
        "fix: rename one, or import its module under one name only"
    )


def test_two_names_with_one_constant_are_refused(registry: EventTypeRegistry, declare: Declare) -> None:
    with pytest.raises(ImproperlyDeclared) as caught:
        registry.register(declare(name="product.created.x"), declare(name="product_created.x"))
    assert str(caught.value) == (
        'product_created.x: name: got the constant PRODUCT_CREATED_X, which "product.created.x" has too, '
        "expected a constant of its own; fix: rename one of the two"
    )
    assert "product.created.x" not in registry


def test_two_display_names_for_one_category_are_refused(
    registry: EventTypeRegistry, declare: Declare
) -> None:
    with pytest.raises(ImproperlyDeclared) as caught:
        registry.register(declare(name="product.sold", category=Category("product", "Goods")))
    assert str(caught.value) == (
        'product.sold: category: got two display names for the category "product", '
        "expected one display name for each category; "
        'fix: declare the category once, and use it for "product.created" too'
    )


def test_a_category_declared_alike_in_two_apps_is_one(declare: Declare) -> None:
    registry = EventTypeRegistry()
    registry.register(declare(name="day.began", category=Category("day", gettext_lazy("Monday"))))
    registry.register(declare(name="day.ended", category=Category("day", gettext_lazy("Monday"))))
    assert len(registry.categories) == 1


def test_what_a_test_registered_it_can_remove(registry: EventTypeRegistry) -> None:
    joined = registry.get("team.joined")
    registry.unregister(joined)
    assert "team.joined" not in registry
    with pytest.raises(AttributeError):
        _ = registry.TEAM_JOINED
    with pytest.raises(UnknownEventType):
        registry.unregister(joined)


DECLARED_EARLY = """
from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel
from clarion.events import AppText, Category, EventType, EventTypes

class Payload(BaseModel):
    name: str

for name in "product.created", "product.deleted":
    EventTypes.register(
        EventType(
            name=name,
            display_name=_("Product"),
            category=Category("product", _("Products")),
            payload=Payload,
            texts=(AppText("{name}", "{name}"),),
        )
    )
assert EventTypes.get("product.created").validate({"name": "Kite"}) == {"name": "Kite"}
"""


def test_event_types_can_be_declared_before_django_is_ready() -> None:
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    subprocess.run([sys.executable, "-W", "error", "-c", DECLARED_EARLY], env=environment, check=True)
