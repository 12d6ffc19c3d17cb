"""Templates: edited in mid-flight. Each notification keeps the version of that of which it was made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from chaos.faults.base import Fault
from chaos.publisher import Order
from chaos.world import NotStruck, World

if TYPE_CHECKING:
    from clarion.models import AppNotification, EmailNotification, NotificationTemplate

ORDER = Order(start=1, count=40, pause=0.05)
EDITIONS = [f"Edition {turn} of {{number}}" for turn in range(5)]
SHARE = ORDER.count * ORDER.last // (len(EDITIONS) + 1)
"""How many inbox items come between two editions."""


def _edit(world: World) -> None:
    from clarion.models import AppNotificationTemplate, EmailNotificationTemplate

    world.begin()
    world.publish(ORDER)
    for turn, edition in enumerate(EDITIONS):
        _wait_for_items(world, SHARE * (turn + 1))
        world.strike()
        AppNotificationTemplate.objects.update(title_template=edition)
        EmailNotificationTemplate.objects.update(template=edition)


def _wait_for_items(world: World, count: int) -> None:
    from clarion.models import AppNotification

    world.wait_for(lambda: AppNotification.objects.count() >= count, f"{count} inbox items")


def _versions_tell_editions(world: World) -> None:
    """Compare what each notification says with what the version that it names would have it say."""
    from clarion.events import EventTypes
    from clarion.models import (
        AppNotification,
        AppNotificationTemplate,
        EmailNotification,
        EmailNotificationTemplate,
    )

    app_text, mail_text = EventTypes.get("chaos.happened").texts
    titles = _by_version(AppNotificationTemplate, "title_template", app_text.title)
    bodies = _by_version(EmailNotificationTemplate, "template", getattr(mail_text, "template", ""))
    items = AppNotification.objects.select_related("event")
    mails = EmailNotification.objects.select_related("event")
    _compare(world, titles, [(item, item.title) for item in items])
    _compare(world, bodies, [(mail, mail.body) for mail in mails])


def _compare(
    world: World,
    editions: Mapping[str, str],
    said: Iterable[tuple[AppNotification | EmailNotification, str]],
) -> None:
    versions = set()
    for notification, text in said:
        version = notification.template_version
        versions.add(version)
        edition = editions.get(version, "")
        if text.strip() != edition.format(**notification.event.params).strip():
            world.complaints.append(f"“{text}” is of version “{version}”, which says “{edition}”")
    if len(versions) < 2:
        raise NotStruck("all were made of one edition")


def _by_version(model: type[NotificationTemplate], field: str, installed: str) -> dict[str, str]:
    """Return what each version said that there was."""
    template = model._default_manager.get(event_type="chaos.happened")
    editions = {}
    for edition in (installed, *EDITIONS):
        setattr(template, field, edition)
        editions[template.version] = edition
    return editions


FAULTS = [Fault("templates edited in mid-flight", _edit, check=_versions_tell_editions)]
