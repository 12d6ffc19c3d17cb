"""A browser on the inbox page: what it asks for, and what a person reads there."""

import re
from typing import Any

from django.test import Client

from clarion.models import AppNotification

INBOX = "/notifications/"
CHANGE = "/notifications/change/"


def read(browser: Client, path: str = INBOX) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def act(browser: Client, action: str, *items: AppNotification | int, **data: Any) -> Any:
    """Press a button of an item."""
    ids = ",".join(str(item if isinstance(item, int) else item.pk) for item in items)
    return browser.post(CHANGE, {"action": action, "ids": ids} | data)


def told_by(page: str) -> str:
    """What the page says of the change that led to it."""
    found = re.search(r'class="clarion-notice"><span>([^<]+)<', page)
    return found[1] if found else ""


def titles(page: str) -> list[str]:
    return re.findall(r">\s*(News \d+)\s*</(?:h2|a)>", page)
