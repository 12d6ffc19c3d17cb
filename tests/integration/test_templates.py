"""Stored templates keep the contract with their event type, whichever way they are saved."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from clarion.events import AppText
from clarion.models import (
    AppNotification,
    AppNotificationTemplate,
    EmailNotification,
    EmailNotificationTemplate,
    NotificationTemplate,
)
from clarion.models.notification import Notification
from clarion.rendering.installation import install_templates
from tests.integration.happenings import happening, happenings
from tests.integration.orders import ship

pytestmark = pytest.mark.django_db

Save = Callable[[dict[str, str]], object]
PERMITTED = "permitted parameters: {order_id}, {item}, {url}"


def stored() -> AppNotificationTemplate:
    return AppNotificationTemplate.objects.get(event_type="order.shipped", locale="en")


def edited(changes: dict[str, str]) -> AppNotificationTemplate:
    template = stored()
    for name, value in changes.items():
        setattr(template, name, value)
    return template


def new(changes: dict[str, str]) -> AppNotificationTemplate:
    fields = {"event_type": "order.shipped", "locale": "ar", "title_template": "Shipped: {item}"}
    return AppNotificationTemplate(**(fields | changes))


WAYS_TO_SAVE: dict[str, Save] = {
    "save": lambda changes: edited(changes).save(),
    "save some fields": lambda changes: edited(changes).save(update_fields=list(changes)),
    "save a new one": lambda changes: new(changes).save(),
    "create": lambda changes: AppNotificationTemplate.objects.create(
        **({"event_type": "order.shipped", "locale": "ar", "title_template": "Shipped"} | changes)
    ),
    "get_or_create": lambda changes: AppNotificationTemplate.objects.get_or_create(
        event_type="order.shipped", locale="ar", defaults={"title_template": "Shipped"} | changes
    ),
    "update_or_create": lambda changes: AppNotificationTemplate.objects.update_or_create(
        event_type="order.shipped", locale="en", defaults=changes
    ),
    "bulk_create": lambda changes: AppNotificationTemplate.objects.bulk_create(
        [new({}), new({"locale": "fr"} | changes)]
    ),
    "bulk_update": lambda changes: AppNotificationTemplate.objects.bulk_update(
        [edited(changes)], list(changes)
    ),
    "update": lambda changes: AppNotificationTemplate.objects.filter(pk=stored().pk).update(**changes),
}
every_way = pytest.mark.parametrize("save", WAYS_TO_SAVE.values(), ids=list(WAYS_TO_SAVE))


@every_way
def test_a_template_that_keeps_the_contract_is_saved_every_way(save: Save) -> None:
    save({"title_template": "On its way: {item}"})

    assert AppNotificationTemplate.objects.filter(title_template="On its way: {item}").count() == 1


@every_way
def test_a_template_that_breaks_the_contract_is_saved_in_no_way(save: Save) -> None:
    before = list(AppNotificationTemplate.objects.order_by("pk").values())

    with pytest.raises(ValidationError) as caught:
        save({"title_template": "Shipped: {itm}"})

    assert caught.value.message_dict == {
        "title_template": [
            'line 1, column 10, in "Shipped: {itm}": unknown parameter {itm}; did you mean {item}?; '
            + PERMITTED
        ]
    }
    assert list(AppNotificationTemplate.objects.order_by("pk").values()) == before


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"message_template": "{item.__class__}"}, "attribute access {item.__class__}"),
        ({"message_template": "{item[0]}"}, "index access {item[0]}"),
        ({"message_template": "{}"}, "positional placeholder {}"),
        ({"message_template": "{0}"}, "positional placeholder {0}"),
        ({"message_template": "{item!r}"}, "conversion in the placeholder {item}"),
        ({"message_template": "{item:>9}"}, "format in the placeholder {item}"),
        ({"message_template": "{item"}, "broken placeholder"),
        ({"message_template": "item}"}, "single }"),
        ({"message_template": "{person_ids}"}, "unknown parameter {person_ids}"),
        ({"message_template": "Press javascript:alert(1)"}, "a link that runs a script"),
        ({"message_template": "Kite\u202egnp.exe"}, "invisible character U+202E (RIGHT-TO-LEFT OVERRIDE)"),
        ({"message_template": "Ki\u200bte"}, "invisible character U+200B (ZERO WIDTH SPACE)"),
        ({"title_template": ""}, "This field cannot be blank."),
        ({"title_template": "x" * 401}, "at most 400 characters"),
        ({"title_template": "Shipped:\n{item}"}, "Keep it to one line."),
        ({"event_type": "order.lost"}, "got 'order.lost', expected a registered event type"),
        (
            {"permitted_params": "item, colour"},
            "colour: no parameter of order.shipped, which has: order_id, item, url.",
        ),
        ({"permitted_params": "order_id"}, "unknown parameter {item}"),
    ],
)
def test_what_an_author_may_write_by_mistake_is_refused_with_what_is_wrong(
    changes: dict[str, str], problem: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        new(changes).save()

    assert problem in "\n".join(caught.value.messages)
    assert not AppNotificationTemplate.objects.filter(locale="ar").exists()


def test_a_fault_is_found_by_its_line_and_column() -> None:
    with pytest.raises(ValidationError) as caught:
        new({"message_template": "Dear customer,\nyour {item} and {colour}"}).save()

    assert caught.value.message_dict["message_template"] == [
        'line 2, column 17, in "your {item} and {colour}": unknown parameter {colour}; ' + PERMITTED
    ]


def test_permitted_parameters_narrow_what_a_template_may_use() -> None:
    template = new({"permitted_params": " item , url"})
    template.save()

    assert template.permitted == ("item", "url")


def test_a_mail_too_long_to_be_shown_whole_is_refused() -> None:
    with pytest.raises(ValidationError) as caught:
        EmailNotificationTemplate.objects.create(
            event_type="order.shipped", locale="ar", title="Shipped", template="ü" * 60_000
        )

    assert caught.value.message_dict == {
        "template": ["The body has 120000 bytes; mail readers clip it after 104448. Shorten it."]
    }


@pytest.mark.parametrize(("given", "kept"), [("", "en"), ("AR", "ar"), ("pt_BR", "pt-br")])
@pytest.mark.parametrize("save", ["save", "bulk_create"])
def test_a_locale_is_kept_in_the_form_it_is_looked_up_by(save: str, given: str, kept: str) -> None:
    AppNotificationTemplate.objects.all().delete()
    template = new({"locale": given})
    if save == "save":
        template.save()
    else:
        AppNotificationTemplate.objects.bulk_create([template])

    assert AppNotificationTemplate.objects.get().locale == kept


def test_a_locale_that_is_updated_in_bulk_is_kept_in_that_form_too(alice: User) -> None:
    new({"title_template": "Enviado: {item}", "locale": "pt"}).save()

    AppNotificationTemplate.objects.filter(locale="pt").update(locale="pt_BR")

    assert AppNotificationTemplate.objects.filter(title_template="Enviado: {item}", locale="pt-br").exists()


def test_there_is_one_template_for_an_event_type_and_locale() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        new({"locale": "en"}).save()


def test_the_live_template_continues_when_an_edit_is_refused(alice: User) -> None:
    with pytest.raises(ValidationError):
        edited({"title_template": "{oops"}).save()

    ship(alice)

    assert AppNotification.objects.get().title == "Shipped: Kite"


def test_an_edit_is_used_from_the_next_event_on(alice: User) -> None:
    ship(alice)
    edited({"title_template": "Off it goes: {item}"}).save()
    ship(alice)

    titles = AppNotification.objects.order_by("pk").values_list("title", flat=True)
    assert list(titles) == ["Shipped: Kite", "Off it goes: Kite"]


@pytest.mark.parametrize(
    ("notification", "template", "heading"),
    [
        (AppNotification, AppNotificationTemplate, "title_template"),
        (EmailNotification, EmailNotificationTemplate, "title"),
    ],
    ids=["app", "email"],
)
def test_a_notification_keeps_the_version_of_the_template_it_was_rendered_from(
    notification: type[Notification], template: type[NotificationTemplate], heading: str, alice: User
) -> None:
    def versions_on_record() -> list[str]:
        rows = notification._default_manager.order_by("pk")
        return list(rows.values_list("template_version", flat=True))

    text = template._default_manager.filter(event_type="order.shipped", locale="en")
    first = text.get().version
    ship(alice)
    assert versions_on_record() == [first]

    text.update(**{heading: "Off it goes: {item}"})
    second = text.get().version
    ship(alice)
    assert second != first
    assert versions_on_record() == [first, second]


class TestInstallation:
    """The texts that ship with event types."""

    def test_happens_with_the_migrations(self) -> None:
        app = AppNotificationTemplate.objects.filter(event_type="order.shipped")
        email = EmailNotificationTemplate.objects.filter(event_type="order.shipped")

        assert set(app.values_list("locale", flat=True)) == {"en", "de"}
        assert set(email.values_list("locale", flat=True)) == {"en", "de"}

    def test_changes_nothing_the_second_time(self) -> None:
        before = list(AppNotificationTemplate.objects.order_by("pk").values())

        assert install_templates() == 0
        assert list(AppNotificationTemplate.objects.order_by("pk").values()) == before

    def test_counts_what_it_added(self) -> None:
        AppNotificationTemplate.objects.filter(event_type="order.shipped").delete()

        assert install_templates() == 2

    def test_brings_a_text_up_to_date_that_nobody_edited(self) -> None:
        with happenings():
            pass
        with happenings(texts=(AppText(title="Latest: {text}", message=""),)):
            template = AppNotificationTemplate.objects.get(event_type="test.happened")

        assert template.title_template == "Latest: {text}"

    @pytest.mark.parametrize("field", ["title_template", "message_template"])
    def test_never_overwrites_an_edited_text(self, field: str) -> None:
        with happenings():
            template = AppNotificationTemplate.objects.get(event_type="test.happened")
            setattr(template, field, "Mine: {text}")
            template.save()
        with happenings(texts=(AppText(title="Latest: {text}", message=""),)):
            template.refresh_from_db()

        assert getattr(template, field) == "Mine: {text}"
        assert "Latest: {text}" not in (template.title_template, template.message_template)

    def test_leaves_a_template_alone_that_somebody_wrote(self) -> None:
        AppNotificationTemplate.objects.filter(event_type="order.shipped", locale="de").delete()
        new({"locale": "de", "title_template": "Meins: {item}"}).save()

        install_templates()

        template = AppNotificationTemplate.objects.get(event_type="order.shipped", locale="de")
        assert template.title_template == "Meins: {item}"

    def test_takes_narrowed_parameters_for_an_edit(self) -> None:
        with happenings():
            AppNotificationTemplate.objects.filter(event_type="test.happened").update(permitted_params="text")
        with happenings(texts=(AppText(title="Latest: {text}", message=""),)):
            template = AppNotificationTemplate.objects.get(event_type="test.happened")

        assert (template.title_template, template.permitted_params) == ("News: {text}", "text")

    def test_refuses_a_declared_text_that_breaks_the_contract(self) -> None:
        texts: Any = (AppText(title="News: {colour}", message=""),)

        with pytest.raises(ValidationError, match="unknown parameter"), happenings(texts=texts):
            pass

        assert not AppNotificationTemplate.objects.filter(event_type=happening().name).exists()
