"""django-notifications: the maintained fork, because 1.8.3 of django-notifications-hq needs Django below 5.1.

The fork inserts in bulk, which the original does not: it is the faster of the two.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Model
from notifications.models import Notification
from notifications.signals import notify

from benchmarks.project.events import MESSAGE
from benchmarks.project.models import Person

NAME = "django-notifications"
PACKAGE = "django-notifications-community"
MODELS: list[type[Model]] = [Notification]


def fan_out(payload: dict[str, Any]) -> None:
    """Tell the people, in the app alone: it has no e-mail and no preferences."""
    people = Person.objects.filter(pk__range=(payload["first"], payload["last"]))
    notify.send(people[0], recipient=people, verb="was created", description=MESSAGE.format(**payload))
