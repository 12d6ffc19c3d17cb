"""Event types, categories and texts as developers declare them, well and badly."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.utils.translation import gettext_lazy, override
from pydantic import BaseModel, RootModel

from clarion.events import AppText, Category, EmailText, EventType
from clarion.exceptions import ImproperlyDeclared, InvalidPayload, UnknownPayloadVersion

Declare = Callable[..., EventType]


class Names(RootModel[list[str]]):
    pass


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"name": "Product.Created"},
            (
                "EventType.name: got 'Product.Created', expected lower-case words joined by dots; "
                'fix: write it as in "product.created"'
            ),
        ),
        (
            {"name": "created"},
            (
                "EventType.name: got 'created', expected lower-case words joined by dots; "
                'fix: write it as in "product.created"'
            ),
        ),
        (
            {"name": "product.created\n"},
            (
                r"EventType.name: got 'product.created\n', expected lower-case words joined by dots; "
                'fix: write it as in "product.created"'
            ),
        ),
        (
            {"name": None},
            (
                "EventType.name: got None, expected lower-case words joined by dots; "
                'fix: write it as in "product.created"'
            ),
        ),
        (
            {"display_name": 7},
            (
                "product.created: display_name: got int, expected str or a lazy translation; "
                'fix: pass the text people read, as in _("Product created")'
            ),
        ),
        (
            {"category": "product"},
            (
                "product.created: category: got str, expected Category; "
                'fix: pass an object, as in Category("product", _("Products"))'
            ),
        ),
        (
            {"channels": "email"},
            (
                "product.created: channels: got 'email', expected a tuple of channel names; "
                'fix: write it as in ("app", "email") or ("app",)'
            ),
        ),
        (
            {"texts": AppText("a", "b")},
            (
                "product.created: texts: got AppText, expected a tuple of AppText and EmailText; "
                "fix: write it as in (AppText(…), EmailText(…)) or (AppText(…),)"
            ),
        ),
        (
            {"texts": (AppText("a", "b", "de"), EmailText("a", "b", "de"), AppText("c", "d", "de"))},
            (
                "product.created: texts: got two AppText for the locale 'de', "
                "expected one of each kind and locale; fix: remove one, or set its locale"
            ),
        ),
        (
            {"version": 0},
            "product.created: version: got 0, expected an int from 1 upward; fix: start with 1 and count up",
        ),
        (
            {"version": True},
            (
                "product.created: version: got True, expected an int from 1 upward; "
                "fix: start with 1 and count up"
            ),
        ),
        (
            {"version": 4, "upcasters": {1: dict, 3: dict}},
            (
                "product.created: upcasters: got upcasters from the versions 1, 3, "
                "expected one from each version up to 3, without a gap; "
                "fix: key each upcaster by the version it upgrades from"
            ),
        ),
        (
            {"version": 2, "upcasters": {2: dict}},
            (
                "product.created: upcasters: got upcasters from the versions 2, "
                "expected one from each version up to 1, without a gap; "
                "fix: key each upcaster by the version it upgrades from"
            ),
        ),
        (
            {"version": 1, "upcasters": {0: dict}},
            (
                "product.created: upcasters: got upcasters from the versions 0, "
                "expected one from each version up to 0, without a gap; "
                "fix: key each upcaster by the version it upgrades from"
            ),
        ),
        (
            {"retention": timedelta()},
            (
                "product.created: retention: got datetime.timedelta(0), "
                "expected a positive timedelta or None; fix: write it as in timedelta(hours=72)"
            ),
        ),
        (
            {"inbox_retention": 72},
            (
                "product.created: inbox_retention: got 72, expected a positive timedelta or None; "
                "fix: write it as in timedelta(hours=72)"
            ),
        ),
        *(
            (
                {"payload": payload},
                (
                    f"product.created: payload: got {got}, "
                    "expected a class with fields: a pydantic BaseModel, a dataclass or a TypedDict; "
                    "fix: declare such a class and pass the class itself"
                ),
            )
            for payload, got in [(dict, "dict"), ({"name": str}, "{'name': <class 'str'>}"), (Names, "Names")]
        ),
    ],
)
def test_a_bad_declaration_is_told_how_to_mend_it(
    declare: Declare, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(ImproperlyDeclared) as caught:
        declare(**changes)
    assert str(caught.value) == message


def test_a_name_may_have_a_hundred_characters_and_no_more(declare: Declare) -> None:
    assert declare(name="product." + "x" * 92).name
    with pytest.raises(
        ImproperlyDeclared, match=r"name: got 101 characters, expected at most 100 characters"
    ):
        declare(name="product." + "x" * 93)


class Opaque:
    """Something pydantic knows nothing of."""


@dataclass
class OpaquePayload:
    thing: Opaque


def test_a_schema_that_pydantic_cannot_read_is_refused_where_it_is_declared(declare: Declare) -> None:
    with pytest.raises(ImproperlyDeclared, match="payload: got OpaquePayload, which pydantic cannot read"):
        declare(payload=OpaquePayload)


@pytest.mark.parametrize("name", ["Product", "product.x", "", "9", "x" * 51, None])
def test_a_category_name_is_a_short_identifier(name: Any) -> None:
    with pytest.raises(ImproperlyDeclared) as caught:
        Category(name, "Products")
    assert str(caught.value) == (
        f"Category.name: got {name!r}, expected a lower-case identifier of at most 50 characters; "
        'fix: name it in the style of "product" or "team_billing"'
    )


def test_a_category_needs_a_name_people_can_read() -> None:
    with pytest.raises(ImproperlyDeclared) as caught:
        Category("product", None)  # type: ignore[arg-type]
    assert str(caught.value) == (
        'Category("product").display_name: got NoneType, expected str or a lazy translation; '
        'fix: pass the text people read, as in _("Products")'
    )


def test_categories_are_equal_if_their_words_are_in_every_language() -> None:
    first, second = Category("day", gettext_lazy("Monday")), Category("day", gettext_lazy("Monday"))
    with override("de"):
        assert first == second
        assert hash(first) == hash(second)
        assert first != Category("day", gettext_lazy("Tuesday"))
        assert first != "day"


@pytest.mark.parametrize("locale", ["de_DE", "DE", "deutsch!", " "])
def test_a_locale_is_a_language_code(locale: str) -> None:
    with pytest.raises(ImproperlyDeclared) as caught:
        EmailText("a", "b", locale)
    assert str(caught.value) == (
        f"EmailText.locale: got {locale!r}, expected a language code in lower case; "
        'fix: write it as in LANGUAGES, such as "de" or "pt-br"'
    )


def test_texts_are_plain_text() -> None:
    with pytest.raises(ImproperlyDeclared) as caught:
        AppText(gettext_lazy("Hello"), "b")  # type: ignore[arg-type]
    assert str(caught.value) == (
        "AppText.title: got __proxy__, expected str; "
        "fix: pass plain text, one object for each locale; lazy translations cannot be stored"
    )


def test_a_declaration_is_itself_only_and_cannot_be_changed(declare: Declare) -> None:
    event_type = declare(upcasters={})
    assert event_type != declare()
    assert len({event_type, event_type}) == 1
    with pytest.raises(AttributeError):
        event_type.version = 2  # type: ignore[misc]
    with pytest.raises(TypeError):
        event_type.upcasters[1] = dict  # type: ignore[index]


class MoneyPayload(BaseModel):
    amount: str
    currency: str


def add_currency(payload: dict[str, Any]) -> dict[str, Any]:
    payload["currency"] = "EUR"
    return payload


def write_out(payload: dict[str, Any]) -> dict[str, Any]:
    return {**payload, "amount": str(payload["amount"])}


def test_an_old_payload_goes_through_each_upcaster_in_turn(declare: Declare) -> None:
    event_type = declare(payload=MoneyPayload, version=3, upcasters={1: add_currency, 2: write_out})
    assert event_type.upcast({"amount": 9}, 1) == {"amount": "9", "currency": "EUR"}
    assert event_type.upcast({"amount": 9, "currency": "GBP"}, 2) == {"amount": "9", "currency": "GBP"}
    assert event_type.upcast({"amount": "9", "currency": "GBP"}, 3) == {"amount": "9", "currency": "GBP"}


def test_upcasting_leaves_the_stored_payload_as_it_is(declare: Declare) -> None:
    stored = {"amount": "9"}
    declare(payload=MoneyPayload, version=2, upcasters={1: add_currency}).upcast(stored, 1)
    assert stored == {"amount": "9"}


def test_an_upcaster_is_held_to_the_schema(declare: Declare) -> None:
    event_type = declare(payload=MoneyPayload, version=2, upcasters={1: write_out})
    with pytest.raises(InvalidPayload, match=r"payload.currency: got nothing"):
        event_type.upcast({"amount": 9}, 1)


@pytest.mark.parametrize(
    ("version", "message"),
    [
        (
            4,
            (
                "product.created: payload_version: got version 4, expected version 3 or older; "
                "fix: deploy the code that published it, then run it again"
            ),
        ),
        (
            1,
            (
                "product.created: payload_version: got version 1, "
                "expected version 3, or one with upcasters up to it (there are: 2); "
                "fix: add the missing upcasters from version 1 on"
            ),
        ),
    ],
)
def test_a_version_nobody_can_read_is_refused(declare: Declare, version: int, message: str) -> None:
    event_type = declare(payload=MoneyPayload, version=3, upcasters={2: add_currency})
    with pytest.raises(UnknownPayloadVersion) as caught:
        event_type.upcast({"amount": "9"}, version)
    assert str(caught.value) == message
