"""Who hears of what in the test project: the people the payload names."""

from django.contrib.auth.models import User

from clarion.bus import subscribe
from clarion.events import EventTypes
from clarion.models import EventLog
from clarion.notifiers import notify


@subscribe(EventTypes.ORDER_SHIPPED)
def handle_order_shipped(event: EventLog) -> None:
    people = User.objects.filter(pk__in=event.payload["person_ids"])
    notify(event, people=people, link=event.payload["url"], reason="because you follow this order")


@subscribe(EventTypes.ORDER_RETURNED)
def refund_buyers(event: EventLog) -> None:
    people = User.objects.filter(pk__in=event.payload["buyer_ids"])
    notify(event, people=people, reason="because you bought it")


@subscribe(EventTypes.ORDER_RETURNED)
def tell_stock_keepers(event: EventLog) -> None:
    people = User.objects.filter(pk__in=event.payload["keeper_ids"])
    notify(event, people=people, reason="because you keep the stock")


@subscribe(EventTypes.ACCOUNT_LOCKED)
def handle_account_locked(event: EventLog) -> None:
    people = User.objects.filter(pk=event.payload["person_id"])
    notify(event, people=people, reason="because it is your account")
