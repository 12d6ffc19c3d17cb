"""`manage.py clarion install-templates` and `rerender`: texts are stored, and fallbacks mended."""

import pytest
from django.contrib.auth.models import User

from clarion.models import AppNotification, AppNotificationTemplate, EmailNotificationTemplate
from tests.integration.commands.command import clarion
from tests.integration.orders import ship

pytestmark = pytest.mark.django_db


def shipped(model: type[AppNotificationTemplate] = AppNotificationTemplate) -> AppNotificationTemplate:
    return model.objects.get(event_type="order.shipped", locale="en")


def test_missing_templates_are_installed_once() -> None:
    AppNotificationTemplate.objects.filter(event_type="order.shipped").delete()
    EmailNotificationTemplate.objects.filter(event_type="order.shipped", locale="de").delete()

    assert clarion("install-templates") == "3 templates added or brought up to date\n"
    assert clarion("install-templates") == "0 templates added or brought up to date\n"
    assert shipped().title_template == "Shipped: {item}"


def test_an_edited_template_is_left_alone() -> None:
    template = shipped()
    template.title_template = "On its way: {item}"
    template.save()

    assert clarion("install-templates") == "0 templates added or brought up to date\n"
    assert shipped().title_template == "On its way: {item}"


def test_a_fallback_is_mended_once_there_is_a_template(alice: User) -> None:
    AppNotificationTemplate.objects.filter(event_type="order.shipped").delete()
    ship(alice)
    assert AppNotification.objects.get().title == "Notification"

    assert clarion("rerender") == "0 mended, 1 still without a working template\n"
    clarion("install-templates")
    assert clarion("rerender") == "1 mended, 0 still without a working template\n"

    assert AppNotification.objects.get().title == "Shipped: Kite"
    assert clarion("rerender") == "0 mended, 0 still without a working template\n"
