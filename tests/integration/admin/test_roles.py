"""Every role and every page of the admin: what each single permission opens, and what it does not."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission, User
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from clarion.models import (
    AppNotification,
    AppNotificationTemplate,
    ChannelPause,
    EmailNotification,
    EmailNotificationTemplate,
    EventLog,
    HandlerRun,
    Heartbeat,
    InboxState,
    Mute,
    NotifiableEvent,
    NotificationPreference,
    RecipientBatch,
    SuppressedAddress,
)
from tests.integration.conftest import MakePerson
from tests.integration.orders import ship

pytestmark = pytest.mark.django_db

HISTORY = (EventLog, HandlerRun, RecipientBatch, NotifiableEvent, AppNotification, EmailNotification)
EDITED = (AppNotificationTemplate, EmailNotificationTemplate, NotificationPreference, Mute, InboxState)

DONE_BY_HAND: dict[type[Model], set[str]] = {
    **{model: {"delete"} for model in (*HISTORY, Heartbeat)},
    **{model: {"add", "change", "delete"} for model in EDITED},
    ChannelPause: {"change", "delete"},
    SuppressedAddress: {"add", "delete"},
}
"""What the permission of that name is good for; everything can be looked at."""

SECRET = "Secret kite"

each_model = pytest.mark.parametrize("model", DONE_BY_HAND, ids=lambda model: model.__name__)


@pytest.fixture
def rows(alice: User) -> None:
    """One row of everything, at least."""
    ship(alice, item=SECRET, url="/secret-kite/")
    ChannelPause.begin("email", timedelta(hours=1), "535 not today")
    Heartbeat.beat("relay")
    SuppressedAddress.objects.create(address="gone@people.example")
    NotificationPreference.objects.create(person=alice)
    Mute.objects.create(person=alice, subject="order:7")
    InboxState.objects.get_or_create(person=alice)


@pytest.fixture
def operator(make_person: MakePerson) -> User:
    return make_person("operator", is_staff=True)


def allow(operator: User, model: type[Model], *actions: str) -> None:
    names = [f"{action}_{model._meta.model_name}" for action in actions]
    permissions = Permission.objects.filter(codename__in=names)
    assert len(permissions) == len(names)
    operator.user_permissions.set(permissions)


def path_of(model: type[Model], page: str, *args: object) -> str:
    return reverse(f"admin:clarion_{model._meta.model_name}_{page}", args=args)


def test_every_model_in_the_admin_has_its_roles() -> None:
    ours = {model for model in admin.site._registry if model._meta.app_label == "clarion"}
    assert ours == DONE_BY_HAND.keys()


@each_model
@pytest.mark.parametrize("role", ["none", "view", "add", "change", "delete"])
def test_a_permission_opens_what_it_names_and_nothing_else(
    role: str, model: type[Model], client: Client, operator: User, rows: None
) -> None:
    allow(operator, model, *({role} - {"none"}))
    client.force_login(operator)
    row = model._default_manager.all()[0]
    may = DONE_BY_HAND[model] & {role}

    opened = {
        "list": client.get(path_of(model, "changelist")),
        "row": client.get(path_of(model, "change", row.pk)),
        "add": client.get(path_of(model, "add")),
        "change": client.post(path_of(model, "change", row.pk), {}),
        "delete": client.get(path_of(model, "delete", row.pk)),
    }

    allowed = {name for name, answer in opened.items() if answer.status_code in (200, 302)}
    assert {answer.status_code for answer in opened.values()} <= {200, 302, 403}
    assert allowed == may | ({"list", "row"} if role in ("view", "change") else set())


CONTENTS: dict[type[Model], str] = {
    EventLog: "payload__icontains",
    RecipientBatch: "link__startswith",
    NotifiableEvent: "params__icontains",
    AppNotification: "title__icontains",
    EmailNotification: "body__icontains",
}
"""What says what people are told, and how one could guess at it."""


@pytest.mark.parametrize("model", CONTENTS, ids=lambda model: model.__name__)
def test_reading_what_people_are_told_takes_a_permission_of_its_own(
    model: type[Model], client: Client, operator: User, rows: None
) -> None:
    row = model._default_manager.get()
    pages = [path_of(model, "changelist"), path_of(model, "change", row.pk), path_of(model, "delete", row.pk)]

    def read_by(*actions: str) -> str:
        allow(operator, model, *actions)
        client.force_login(operator)
        return "".join(client.get(page).content.decode() for page in pages)

    for actions in (["view"], ["view", "change", "delete"], ["read"]):
        assert not re.search("secret.kite", read_by(*actions), re.IGNORECASE)
    assert re.search("secret.kite", read_by("view", "read"), re.IGNORECASE)


@pytest.mark.parametrize("model", CONTENTS, ids=lambda model: model.__name__)
def test_what_may_not_be_read_cannot_be_guessed_at_by_filtering(
    model: type[Model], client: Client, operator: User, rows: None
) -> None:
    for actions, status in ((["view"], 400), (["view", "read"], 200)):
        allow(operator, model, *actions)
        client.force_login(operator)
        guess = client.get(path_of(model, "changelist"), {CONTENTS[model]: "/secret"})
        assert guess.status_code == status
