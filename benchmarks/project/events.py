"""The event types: a product was created, told in the app and by e-mail, or in the app alone."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from pydantic import BaseModel

from clarion.events import AppText, Category, EmailText, EventType, EventTypes

CREATED = "product.created"
SEEN = "product.seen"
URGENT = "product.urgent"

HAS_URGENT = "urgent" in {field.name for field in fields(EventType)}
"""Whether event types can overtake others."""

TITLE = "New product: {name}"
MESSAGE = "{name} was created. Have a look at {url} and say what you think of it."
CATEGORY = Category("product", "Products")


class ProductCreated(BaseModel):
    """What happened. The people from `first` to `last`, by primary key, should know."""

    product_id: int
    name: str
    url: str
    first: int
    last: int


def payload(first: int, last: int, product_id: int = 1) -> dict[str, Any]:
    """Return an event's payload, the same for every contender."""
    url = f"/products/{product_id}/"
    return {"product_id": product_id, "name": "A lamp", "url": url, "first": first, "last": last}


def _declare(name: str, **options: Any) -> EventType:
    app, mail = AppText(title=TITLE, message=MESSAGE), EmailText(title=TITLE, template=f"{MESSAGE}\n")
    return EventType(
        name=name,
        display_name=name,
        category=CATEGORY,
        payload=ProductCreated,
        texts=(app, mail),
        **options,
    )


EventTypes.register(
    _declare(CREATED),
    _declare(SEEN, channels=("app",)),
    _declare(URGENT, channels=("app",), **({"urgent": True} if HAS_URGENT else {})),
)
