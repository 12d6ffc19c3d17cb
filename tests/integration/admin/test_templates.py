"""Templates in the admin: edited under the eyes of the payload schema."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from clarion.models import AppNotificationTemplate, EmailNotificationTemplate

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
