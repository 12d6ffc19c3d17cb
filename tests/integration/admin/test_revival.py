"""Dead work in the admin: tried again or discarded, by those who may, and by nobody else."""

import pytest
from django.contrib.auth.models import Permission, User
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from clarion.models import AppNotification, EmailNotification, EventLog, HandlerRun, NotifiableEvent, Status
from tests.integration.conftest import MakePerson
from tests.integration.orders import ship

pytestmark = pytest.mark.django_db

WORK: list[type[Model]] = [EventLog, HandlerRun, NotifiableEvent, EmailNotification]
ACTIONS = {"try_again": "Try again what is dead", "discard": "Discard what is dead"}

each_kind = pytest.mark.parametrize("model", WORK, ids=lambda model: model.__name__)


@pytest.fixture
def operator(make_person: MakePerson) -> User:
    return make_person("operator", is_staff=True)


@pytest.fixture
def browser(client: Client, operator: User) -> Client:
    client.force_login(operator)
    return client


def allow(operator: User, model: type[Model], *actions: str) -> None:
    names = [f"{action}_{model._meta.model_name}" for action in actions]
    operator.user_permissions.add(*Permission.objects.filter(codename__in=names))


def list_of(model: type[Model]) -> str:
    return reverse(f"admin:clarion_{model._meta.model_name}_changelist")


def choose(browser: Client, model: type[Model], action: str) -> str:
    """Tick every row, choose the action and press "Go"."""
    keys = list(model._default_manager.values_list("pk", flat=True))
    fields = {"action": action, "_selected_action": keys, "index": "0"}
    return browser.post(list_of(model), fields, follow=True).content.decode()


def make_dead(*people: User) -> None:
    for person in people:
        ship(person)
    for model in WORK:
        model._default_manager.update(status=Status.DEAD)


@each_kind
def test_dead_rows_are_tried_again_and_counted(
    browser: Client, operator: User, model: type[Model], alice: User, bob: User
) -> None:
    allow(operator, model, "view", "change")
    make_dead(alice, bob)

    page = choose(browser, model, "try_again")

    assert "2 rows will be tried again." in page
    # An event comes back through its runs.
    back = HandlerRun if model is EventLog else model
    assert set(back._default_manager.values_list("status", "attempts")) == {(Status.PENDING, 0)}


@each_kind
def test_dead_rows_are_discarded_and_counted(
    browser: Client, operator: User, model: type[Model], alice: User
) -> None:
    allow(operator, model, "view", "change")
    make_dead(alice)

    page = choose(browser, model, "discard")

    assert "1 row was discarded." in page
    assert model._default_manager.values_list("status", flat=True).get() == Status.CANCELLED


@each_kind
@pytest.mark.parametrize("action", ACTIONS)
def test_what_is_not_dead_stays_as_it_is_and_the_page_says_so(
    browser: Client, operator: User, model: type[Model], action: str, alice: User
) -> None:
    allow(operator, model, "view", "change")
    ship(alice)
    before = model._default_manager.values().get()

    page = choose(browser, model, action)

    assert "None of the rows is dead; nothing was done." in page
    assert model._default_manager.values().get() == before


@each_kind
@pytest.mark.parametrize("action", ACTIONS)
def test_those_who_may_only_look_are_not_offered_it_and_cannot_do_it(
    browser: Client, operator: User, model: type[Model], action: str, alice: User
) -> None:
    allow(operator, model, "view", "delete")
    make_dead(alice)

    assert ACTIONS[action] not in browser.get(list_of(model)).content.decode()
    choose(browser, model, action)

    assert model._default_manager.values_list("status", flat=True).get() == Status.DEAD


@each_kind
def test_the_change_permission_opens_nothing_else(
    browser: Client, operator: User, model: type[Model], alice: User
) -> None:
    allow(operator, model, "view", "change", "add")
    ship(alice)
    row = model._default_manager.get()
    change = reverse(f"admin:clarion_{model._meta.model_name}_change", args=[row.pk])

    assert ACTIONS["try_again"] in browser.get(list_of(model)).content.decode()
    assert "Save" not in browser.get(change).content.decode()
    assert browser.post(change, {"status": "dead"}).status_code == 403


def test_inbox_items_are_no_work(browser: Client, operator: User, alice: User) -> None:
    allow(operator, AppNotification, "view", "change")
    ship(alice)

    assert ACTIONS["discard"] not in browser.get(list_of(AppNotification)).content.decode()
