"""Templates in the admin: edited under the eyes of the payload schema."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from clarion.models import AppNotification, AppNotificationTemplate, EmailNotificationTemplate
from tests.integration.orders import ship

ADD = "/admin/clarion/appnotificationtemplate/add/"


@pytest.fixture
def template(db: None) -> AppNotificationTemplate:
    return AppNotificationTemplate.objects.get(event_type="order.shipped", locale="en")


def path_of(template: AppNotificationTemplate) -> str:
    return reverse("admin:clarion_appnotificationtemplate_change", args=[template.pk])


def fields(**changes: str) -> dict[str, str]:
    return {"title_template": "Shipped: {item}", "message_template": "", "permitted_params": ""} | changes


def text_of(page: str) -> str:
    return page.replace("&quot;", '"').replace("&#x27;", "'")


def errors_beside(field: str, page: str) -> str:
    found = re.search(rf'<ul class="errorlist" id="id_{field}_error">.*?</ul>', page, re.DOTALL)
    assert found
    return text_of(found[0])


def test_a_text_is_edited(admin_client: Client, template: AppNotificationTemplate) -> None:
    answer = admin_client.post(path_of(template), fields(title_template="On its way: {item}"))
    assert answer.status_code == 302
    template.refresh_from_db()
    assert template.title_template == "On its way: {item}"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "On its way:\n{itme}",
            'line 2, column 1, in "{itme}": unknown parameter {itme}; did you mean {item}?',
        ),
        ("{item.__class__}", "line 1, column 1"),
        ("{0}", "positional placeholder"),
    ],
)
def test_what_breaks_the_contract_is_refused_beside_its_field(
    admin_client: Client, template: AppNotificationTemplate, text: str, problem: str
) -> None:
    page = admin_client.post(path_of(template), fields(message_template=text)).content.decode()
    error = re.search(r'<ul class="errorlist" id="id_message_template_error">.*?</ul>', page, re.DOTALL)
    assert error
    assert problem in text_of(error[0])
    assert "permitted parameters: {order_id}, {item}, {url}" in text_of(error[0])
    assert text in page
    template.refresh_from_db()
    assert template.message_template == "{item} is on its way."


MISTAKES = [
    ("message_template", "{item", "broken placeholder"),
    ("message_template", "{itme}", "did you mean {item}?"),
    ("message_template", "{item.__class__}", "attribute access {item.__class__}"),
    ("message_template", "{item[0]}", "index access {item[0]}"),
    ("message_template", "{}", "positional placeholder {}"),
    ("message_template", "Press javascript:alert(1)", "a link that runs a script"),
    ("message_template", "Kite\u202egnp.exe", "invisible character U+202E (RIGHT-TO-LEFT OVERRIDE)"),
    ("message_template", "Ki\u200bte", "invisible character U+200B (ZERO WIDTH SPACE)"),
    ("title_template", "", "This field is required."),
    ("title_template", "x" * 401, "at most 400 characters (it has 401)"),
    ("title_template", "{item} on its\nway", "Keep it to one line."),
]


@pytest.mark.parametrize(("field", "text", "problem"), MISTAKES)
def test_whatever_an_author_mistakes_is_told_beside_its_field_and_the_live_text_stays(
    field: str, text: str, problem: str, admin_client: Client, template: AppNotificationTemplate, alice: User
) -> None:
    page = admin_client.post(path_of(template), fields(**{field: text})).content.decode()
    assert problem in errors_beside(field, page)
    ship(alice)
    item = AppNotification.objects.get()
    assert (item.title, item.message) == ("Shipped: Kite", "Kite is on its way.")


@pytest.mark.parametrize(
    ("field", "text", "problem"),
    [
        ("title", "", "This field is required."),
        ("title", "x" * 401, "at most 400 characters (it has 401)"),
        ("title", "{item}\nBcc: eve@evil.example", "Keep it to one line."),
        ("template", "", "This field is required."),
        ("template", "ü" * 60_000, "The body has 120000 bytes; mail readers clip it after 104448."),
        ("template", "{item.__class__}", "line 1, column 1, in"),
    ],
)
def test_whatever_the_author_of_a_mail_mistakes_is_told_beside_its_field(
    field: str, text: str, problem: str, admin_client: Client
) -> None:
    template = EmailNotificationTemplate.objects.get(event_type="order.shipped", locale="en")
    path = reverse("admin:clarion_emailnotificationtemplate_change", args=[template.pk])
    body = {"title": "Sent", "template": "Sent", "permitted_params": ""} | {field: text}
    assert problem in errors_beside(field, admin_client.post(path, body).content.decode())
    assert EmailNotificationTemplate.objects.get(pk=template.pk).digest == template.digest


def test_the_parameters_are_listed_where_the_text_is_written(
    admin_client: Client, template: AppNotificationTemplate
) -> None:
    page = admin_client.get(path_of(template)).content.decode()
    assert "Order shipped: <code>{order_id} {item} {url}</code>" in page
    assert "Stock counted" not in page
    assert "Stock counted: <code>{items}</code>" in admin_client.get(ADD).content.decode()


def test_a_text_is_previewed_with_sample_values(
    admin_client: Client, template: AppNotificationTemplate
) -> None:
    template.message_template = "<b>{order_id}</b>"
    template.save()
    page = admin_client.get(path_of(template)).content.decode()
    assert "<strong>Shipped: [item]</strong><p>&lt;b&gt;42&lt;/b&gt;</p>" in page


def test_a_text_that_cannot_be_rendered_says_why(
    admin_client: Client, template: AppNotificationTemplate
) -> None:
    broken = AppNotificationTemplate.objects.filter(pk=template.pk)
    super(type(broken), broken).update(title_template="{gone}")  # past the check, as a new deploy may be
    page = admin_client.get(path_of(template)).content.decode()
    assert "This text cannot be rendered: parameter {gone} has no value" in page


def test_a_text_for_another_language_is_added(admin_client: Client) -> None:
    place = {"event_type": "stock.counted", "locale": "DE"}
    answer = admin_client.post(ADD, fields(title_template="Bestand: {items}") | place)
    assert answer.status_code == 302
    assert AppNotificationTemplate.objects.filter(event_type="stock.counted", locale="de").exists()


def test_a_second_text_for_the_same_place_is_refused(admin_client: Client) -> None:
    page = admin_client.post(ADD, fields() | {"event_type": "order.shipped", "locale": "en"})
    assert page.status_code == 200
    assert "already exists" in page.content.decode()


def test_an_event_type_that_there_is_not_is_refused(admin_client: Client) -> None:
    page = admin_client.post(ADD, fields() | {"event_type": "order.forged", "locale": "en"})
    assert "Select a valid choice." in page.content.decode()


def test_a_stored_text_keeps_its_place(admin_client: Client, template: AppNotificationTemplate) -> None:
    admin_client.post(path_of(template), fields() | {"event_type": "stock.counted", "locale": "de"})
    template.refresh_from_db()
    assert (template.event_type, template.locale) == ("order.shipped", "en")


def test_the_list_tells_edited_texts_from_installed_ones(
    admin_client: Client, template: AppNotificationTemplate
) -> None:
    path = "/admin/clarion/appnotificationtemplate/"
    assert "✓" not in admin_client.get(path).content.decode()
    admin_client.post(path_of(template), fields(title_template="{item}!"))
    assert admin_client.get(path).content.decode().count("✓") == 1


def test_a_mail_is_edited_in_the_same_way(admin_client: Client) -> None:
    template = EmailNotificationTemplate.objects.get(event_type="order.shipped", locale="en")
    path = reverse("admin:clarion_emailnotificationtemplate_change", args=[template.pk])
    body = {"title": "Shipped", "template": "Dear {nobody}", "permitted_params": ""}
    assert "unknown parameter {nobody}" in admin_client.post(path, body).content.decode()
    assert admin_client.post(path, body | {"template": "It is {item}.\n"}).status_code == 302
