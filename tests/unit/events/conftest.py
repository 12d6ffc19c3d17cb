"""An event type to publish payloads to."""

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import BaseModel

from clarion.events import Category, EventType

PRODUCT = Category("product", "Products")


class ProductPayload(BaseModel):
    product_id: int
    name: str
    url: str | None = None
    tags: list[str] = []


@pytest.fixture
def declare() -> Callable[..., EventType]:
    """Declare an event type that is complete but for what a test changes."""

    def declare(**changes: Any) -> EventType:
        declaration: dict[str, Any] = {
            "name": "product.created",
            "display_name": "Product created",
            "category": PRODUCT,
            "payload": ProductPayload,
        }
        return EventType(**(declaration | changes))

    return declare


@pytest.fixture
def product_created(declare: Callable[..., EventType]) -> EventType:
    return declare()
