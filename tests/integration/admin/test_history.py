"""History in the admin: it opens, it is found, and nobody rewrites it."""

import re

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clarion.bus import get_event_bus
from clarion.models import (
    AppNotification,
    EmailNotification,
    EventLog,
    HandlerRun,
    NotifiableEvent,
    RecipientBatch,
)
from clarion.testing import commit
from tests.integration.conftest import MakePerson
from tests.integration.orders import ship, take_back

HISTORY: list[type[Model]] = [
    EventLog,
    HandlerRun,
    RecipientBatch,
    NotifiableEvent,
    AppNotification,
    EmailNotification,
]

each_kind = pytest.mark.parametrize("model", HISTORY, ids=lambda model: model.__name__)


def path_of(model: type[Model], page: str, *args: object) -> str:
    return reverse(f"admin:clarion_{model._meta.model_name}_{page}", args=args)


def rows_in(page: str) -> int:
    return len(re.findall(r'<tr><td class="action-checkbox">|<tr>(?=<th class="field-id">)', page))


def found(browser: Client, model: type[Model], **query: object) -> int:
    """Return how many rows the list shows for this query."""
    answer = browser.get(path_of(model, "changelist"), {name: str(value) for name, value in query.items()})
    assert answer.status_code == 200
    return rows_in(answer.content.decode())


@each_kind
def test_a_list_opens_with_what_happened(admin_client: Client, alice: User, model: type[Model]) -> None:
    ship(alice)
    assert found(admin_client, model) == 1


@each_kind
def test_a_row_opens_and_has_nothing_to_edit(admin_client: Client, alice: User, model: type[Model]) -> None:
    ship(alice)
    row = model._default_manager.get()
    page = admin_client.get(path_of(model, "change", row.pk)).content.decode()
    assert "Save" not in page
    assert not re.search(r"<(textarea|select)|<input type=\"(text|number|checkbox)\"", page)


@each_kind
def test_history_is_neither_added_nor_changed(admin_client: Client, alice: User, model: type[Model]) -> None:
    ship(alice)
    row = model._default_manager.get()
    before = model._default_manager.values().get()
    assert admin_client.get(path_of(model, "add")).status_code == 403
    assert admin_client.post(path_of(model, "add"), {}).status_code == 403
    assert admin_client.post(path_of(model, "change", row.pk), {"status": "dead"}).status_code == 403
    assert model._default_manager.values().get() == before


@each_kind
def test_history_is_deleted_by_those_who_may(
    client: Client, make_person: MakePerson, alice: User, model: type[Model]
) -> None:
    ship(alice)
    row = model._default_manager.get()
    operator = make_person("operator", is_staff=True)
    client.force_login(operator)
    operator.user_permissions.add(permission("view", model))
    assert client.get(path_of(model, "change", row.pk)).status_code == 200
    assert client.post(path_of(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    # Deleting a row takes what hangs from it, so Django asks for those permissions too.
    operator.user_permissions.add(*(permission("delete", each) for each in HISTORY))
    assert client.post(path_of(model, "delete", row.pk), {"post": "yes"}).status_code == 302
    assert not model._default_manager.exists()


def permission(action: str, model: type[Model]) -> Permission:
    return Permission.objects.get(codename=f"{action}_{model._meta.model_name}")


@each_kind
def test_a_row_is_found_by_its_id(admin_client: Client, alice: User, bob: User, model: type[Model]) -> None:
    ship(alice)
    ship(bob)
    row = model._default_manager.order_by("pk").last()
    assert row is not None
    page = admin_client.get(path_of(model, "changelist"), {"q": str(row.pk)}).content.decode()
    assert path_of(model, "change", row.pk) in page
    assert found(admin_client, model, q=row.pk + 10_000) == 0
    assert found(admin_client, model, q="9" * 40) == 0


@pytest.mark.parametrize("model", [NotifiableEvent, AppNotification, EmailNotification])
def test_rows_are_found_by_the_person(
    admin_client: Client, make_person: MakePerson, model: type[Model]
) -> None:
    ada = make_person("ada", first_name="Augusta", pk=900_001)
    ship(ada, make_person("grace"))
    for term in ("ada", "ada@people.example", "august", ada.pk):
        assert found(admin_client, model, q=term) == 1, term
    assert found(admin_client, model, q="nobody") == 0


def test_a_person_whose_name_is_a_number_is_found(admin_client: Client, make_person: MakePerson) -> None:
    ship(make_person("4915550001"), make_person("grace"))
    assert found(admin_client, AppNotification, q="4915550001") == 1


def test_an_event_is_found_by_its_idempotency_key(admin_client: Client, alice: User) -> None:
    ship(alice)
    event = ship(alice)
    EventLog.objects.filter(pk=event.pk).update(idempotency_key="order-7-shipped")
    assert found(admin_client, EventLog, q="order-7-shipped") == 1
    assert found(admin_client, EventLog, q="order-8-shipped") == 0


@each_kind
def test_a_list_is_filtered_by_event_type(admin_client: Client, alice: User, model: type[Model]) -> None:
    ship(alice)
    take_back([alice], [])
    page = admin_client.get(path_of(model, "changelist")).content.decode()
    if model is not HandlerRun:  # a return has two handlers
        assert rows_in(page) == 2
    assert re.search(r'<a href="\?event_type=order.shipped">\s*Order shipped', page)
    assert found(admin_client, model, event_type="order.shipped") == 1


@pytest.mark.parametrize("model", [EventLog, HandlerRun, NotifiableEvent, EmailNotification])
def test_a_list_is_filtered_by_status(admin_client: Client, alice: User, model: type[Model]) -> None:
    ship(alice)
    assert found(admin_client, model, status__exact="dead") == 0
    model._default_manager.update(status="dead", error="it went wrong " * 50)
    assert found(admin_client, model, status__exact="dead") == 1
    page = admin_client.get(path_of(model, "changelist")).content.decode()
    assert "it went wrong" in page
    assert "it went wrong " * 20 not in page


@each_kind
def test_a_list_costs_the_same_however_many_people_it_names(
    admin_client: Client, make_person: MakePerson, model: type[Model]
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            admin_client.get(path_of(model, "changelist"))
        return len(captured)

    ship(make_person())
    few = queries()
    for _ in range(4):
        ship(make_person(), make_person(), make_person())
    assert queries() == few


def test_an_event_shows_its_runs_and_leads_to_the_people_it_named(admin_client: Client, alice: User) -> None:
    event = ship(alice)
    ship(alice)
    page = admin_client.get(path_of(EventLog, "change", event.pk)).content.decode()
    assert "tests.testapp.notifiers.handle_order_shipped" in page
    link = re.search(r'href="([^"]+event_log__id__exact=\d+)"', page)
    assert link
    assert rows_in(admin_client.get(link[1]).content.decode()) == 1


def test_a_decision_is_given_in_words(admin_client: Client, make_person: MakePerson) -> None:
    ship(make_person(email=""))
    row = NotifiableEvent.objects.get()
    assert (
        "email: skipped, no_address"
        in admin_client.get(path_of(NotifiableEvent, "changelist")).content.decode()
    )
    page = admin_client.get(path_of(NotifiableEvent, "change", row.pk)).content.decode()
    assert "email: skipped, the person has no address" in page


def test_a_note_is_shown_to_whoever_looks_at_its_row(admin_client: Client, db: None) -> None:
    event = ship()
    with commit():
        unheard = get_event_bus().publish("stock.counted", {"items": 12})

    for row, note in (
        (event, "nobody to tell"),
        (event.runs.get(), "nobody to tell"),
        (unheard, "no handler is subscribed to stock.counted"),
    ):
        assert note in admin_client.get(path_of(type(row), "change", row.pk)).content.decode()


def test_an_event_type_that_is_gone_keeps_its_rows_readable(admin_client: Client, alice: User) -> None:
    ship(alice)
    EventLog.objects.update(event_type="order.forgotten")
    NotifiableEvent.objects.update(event_type="order.forgotten")
    for model in HISTORY:
        assert found(admin_client, model) == 1
    for model in (EventLog, NotifiableEvent):
        row = model._default_manager.get()
        page = admin_client.get(path_of(model, "change", row.pk)).content.decode()
        assert "order.forgotten" in page


def test_markup_in_data_is_shown_as_text(admin_client: Client, alice: User) -> None:
    ship(alice, item="<script>alert(1)</script>")
    for model in HISTORY:
        row = model._default_manager.get()
        for path in (path_of(model, "changelist"), path_of(model, "change", row.pk)):
            assert "<script>alert" not in admin_client.get(path).content.decode()
