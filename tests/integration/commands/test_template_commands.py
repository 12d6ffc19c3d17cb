"""`manage.py clarion install-templates` and `rerender`: texts are stored, and fallbacks mended."""

import pytest
from django.contrib.auth.models import User

from clarion.delivery import repair
from clarion.models import (
    AppNotification,
    AppNotificationTemplate,
    EmailNotification,
    EmailNotificationTemplate,
    Status,
)
from tests.integration.commands.command import clarion
from tests.integration.conftest import MakePerson
from tests.integration.email.waiting import up_to_the_mail
from tests.integration.meanwhile import meanwhile
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


def test_however_many_fell_back_all_are_mended(
    make_person: MakePerson, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repair, "BATCH", 2)
    AppNotificationTemplate.objects.filter(event_type="order.shipped").delete()
    ship(*[make_person() for _ in range(5)])
    clarion("install-templates")

    assert clarion("rerender") == "5 mended, 0 still without a working template\n"
    assert not AppNotification.objects.filter(is_fallback=True).exists()


@pytest.mark.usefixtures("no_workers")
def test_a_mail_that_goes_out_while_it_is_mended_stays_as_it_went(alice: User) -> None:
    EmailNotificationTemplate.objects.filter(event_type="order.shipped").delete()
    up_to_the_mail(ship(alice))
    clarion("install-templates")
    before = EmailNotification.objects.get()

    def go_out() -> None:
        EmailNotification.objects.update(status=Status.SENT)

    with meanwhile(go_out, before="UPDATE", of=EmailNotification):
        assert clarion("rerender") == "0 mended, 1 still without a working template\n"

    went = EmailNotification.objects.get()
    assert (went.subject, went.body, went.is_fallback) == (before.subject, before.body, True)
