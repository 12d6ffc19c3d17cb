"""Mails about orders that wait for a digest, and what becomes of them."""

from datetime import timedelta
from email.message import EmailMessage

from django.contrib.auth.models import User
from django.utils import timezone

from clarion.bus.relay import relay
from clarion.models import EmailNotification
from clarion.testing import commit
from tests.integration.clock import let_pass
from tests.integration.orders import ship


def order(number: int, *people: User) -> None:
    """Ship an order that can be told from others by its number."""
    ship(*people, order_id=number, item=f"Kite {number}", url=f"/orders/{number}/")


def go_on(time: timedelta) -> None:
    """Let time pass, then do all that is due."""
    let_pass(time)
    with commit():
        relay()


def when_they_come() -> None:
    """Let time pass until all that waits for a digest is due, and a few seconds more."""
    last = EmailNotification.objects.order_by("due_at").exclude(due_at=None).last()
    assert last is not None
    assert last.due_at is not None
    go_on(last.due_at - timezone.now() + timedelta(seconds=6))


def fates() -> list[str]:
    """The status of every mail, oldest first."""
    return list(EmailNotification.objects.order_by("pk").values_list("status", flat=True))


def text_of(message: EmailMessage, kind: str = "plain") -> str:
    body = message.get_body((kind,))
    assert body is not None
    return str(body.get_content())
