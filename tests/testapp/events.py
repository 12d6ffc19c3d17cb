"""Event types of the test project: a shop's orders, each type for something the others do not show."""

from dataclasses import dataclass

from pydantic import BaseModel
from typing_extensions import TypedDict

from clarion.events import AppText, Category, EmailText, EventType, EventTypes

ORDERS = Category("orders", "Orders")
ACCOUNT = Category("account", "Account")


class OrderShipped(BaseModel):
    order_id: int
    item: str
    url: str
    person_ids: list[int]


@dataclass
class OrderReturned:
    order_id: int
    item: str
    buyer_ids: list[int]
    keeper_ids: list[int]


class AccountLocked(TypedDict):
    person_id: int
    place: str


class StockCounted(BaseModel):
    items: int


# The everyday one, in two languages.
EventTypes.register(
    EventType(
        name="order.shipped",
        display_name="Order shipped",
        category=ORDERS,
        payload=OrderShipped,
        subject="order:{order_id}",
        texts=(
            AppText(title="Shipped: {item}", message="{item} is on its way."),
            AppText(title="Versandt: {item}", message="{item} ist unterwegs.", locale="de"),
            EmailText(title="Shipped: {item}", template="{item} is on its way.\n"),
            EmailText(title="Versandt: {item}", template="{item} ist unterwegs.\n", locale="de"),
        ),
    )
)

# Two handlers, with people of their own.
EventTypes.register(
    EventType(
        name="order.returned",
        display_name="Order returned",
        category=ORDERS,
        payload=OrderReturned,
        texts=(
            AppText(title="Returned: {item}", message="{item} came back."),
            EmailText(title="Returned: {item}", template="{item} came back.\n"),
        ),
    )
)

# Nobody can turn it off.
EventTypes.register(
    EventType(
        name="account.locked",
        display_name="Account locked",
        category=ACCOUNT,
        payload=AccountLocked,
        mandatory=True,
        texts=(
            AppText(title="Your account is locked", message="After too many sign-ins from {place}."),
            EmailText(title="Your account is locked", template="After too many sign-ins from {place}.\n"),
        ),
    )
)

# No handler: it is logged, and that is all.
EventTypes.register(
    EventType(
        name="stock.counted",
        display_name="Stock counted",
        category=ORDERS,
        payload=StockCounted,
        texts=(AppText(title="Stock counted", message="{items} items."),),
    )
)
