"""Clarion in a project that knew nothing of it: installed app, URLs, `migrate`, and it works."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import transaction
from django.test import Client

from clarion.bus import get_event_bus
from clarion.inbox.service import NotificationService
from clarion.models import NotificationPreference
from clarion.models.person import get_person_model
from tests.acceptance.console import Console
from tests.acceptance.fresh_project import FreshProject, fresh_project

pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.proves_most_on("sqlite", reason="a user meets it first on SQLite, which needs no server"),
]

CLARION = """
INSTALLED_APPS += ["clarion", "shop"]
CLARION = {"BASE_URL": "https://shop.example"}
"""

URLS = """
from django.urls import include
urlpatterns += [path("notifications/", include("clarion.urls"))]
"""

EVENTS = """
from pydantic import BaseModel
from clarion.events import AppText, Category, EmailText, EventType, EventTypes

class OrderShipped(BaseModel):
    item: str

EventTypes.register(EventType(
    name="order.shipped", display_name="Order shipped",
    category=Category("orders", "Orders"), payload=OrderShipped,
    texts=(AppText(title="Shipped: {item}", message="{item} is on its way."),
           EmailText(title="Shipped: {item}", template="{item} is on its way.")),
))
"""

NOTIFIERS = """
from clarion.bus import subscribe
from clarion.events import EventTypes
from clarion.models.person import get_person_model
from clarion.notifiers import notify

@subscribe(EventTypes.ORDER_SHIPPED)
def tell_everyone(event):
    notify(event, people=get_person_model().objects.all(), reason="because you ordered it")
"""

PERSON = """
import uuid
from django.conf import settings
from django.db import models

class Person(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    account = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    address = models.EmailField()

    @property
    def email(self):
        return self.address
"""

PERSON_SETTINGS = """
INSTALLED_APPS += ["members"]
CLARION_PERSON_MODEL = "members.Person"
"""


@pytest.fixture
def project(tmp_path: Path) -> Iterator[FreshProject]:
    """A project in which Ada has an account already."""
    with fresh_project(tmp_path) as project:
        project.manage("migrate", "--verbosity=0")
        project.manage("createsuperuser", "--noinput", "--username=ada", "--email=ada@shop.example")
        yield project


def add_clarion(project: FreshProject) -> None:
    project.add("mysite/settings.py", CLARION)
    project.add("mysite/urls.py", URLS)
    project.add("shop/__init__.py", "")
    project.add("shop/events.py", EVENTS)
    project.add("shop/notifiers.py", NOTIFIERS)


def create_user(name: str) -> None:
    get_user_model()._default_manager.create(username=name, email=f"{name}@shop.example")


def create_person(name: str) -> None:
    person_model: Any = get_person_model()
    account = get_user_model()._default_manager.get(username=name)
    person_model.objects.create(account=account, address=f"{name}@members.example")


def publish(item: str) -> None:
    with transaction.atomic():
        get_event_bus().publish("order.shipped", {"item": item})


def page(name: str, path: str) -> str:
    """Return a page as a signed-in user sees it."""
    browser = Client(SERVER_NAME="localhost")
    browser.force_login(get_user_model()._default_manager.get(username=name))
    response = browser.get(path)
    assert response.status_code == 200, response.content.decode()
    return response.content.decode()


def choose_apps_alone() -> None:
    for person in get_person_model()._default_manager.all():
        NotificationPreference.objects.create(person_id=person.pk, categories={"orders": "apps"})


def read_everything() -> list[int]:
    """Return how many notifications each person had not read."""
    people = get_person_model()._default_manager.all()
    return [NotificationService().mark_all_as_read(person) for person in people]


def assert_complete(project: FreshProject) -> None:
    """No check complains, and no model differs from its migrations."""
    project.manage("check", "--fail-level=WARNING")
    assert "No changes detected" in project.manage("makemigrations", "--check", "--dry-run")


def test_users_are_the_people_unless_a_project_says_otherwise(project: FreshProject) -> None:
    add_clarion(project)
    project.manage("migrate", "--verbosity=0")
    assert_complete(project)

    with Console(project.environment) as console:
        console.call(create_user, "bob")
        console.call(publish, "A <lamp>")
        for name in ("ada", "bob"):
            assert "Shipped: A &lt;lamp&gt;" in console.call(page, name, "/notifications/")
        console.call(choose_apps_alone)
        console.call(publish, "A kite")
        assert "Shipped: A kite" in console.call(page, "ada", "/notifications/")
        assert console.call(read_everything) == [2, 2]

    assert sorted((mail["To"], mail["Subject"]) for mail in project.mails) == [
        ("ada@shop.example", "Shipped: A <lamp>"),
        ("bob@shop.example", "Shipped: A <lamp>"),
    ]
    assert "https://shop.example/notifications/preferences/" in project.mails[0].as_string()


def test_a_project_may_have_people_of_its_own(project: FreshProject) -> None:
    project.add("members/__init__.py", "")
    project.add("members/models.py", PERSON)
    project.add("mysite/settings.py", PERSON_SETTINGS)
    add_clarion(project)
    project.manage("makemigrations", "members")
    project.manage("migrate", "--verbosity=0")
    assert_complete(project)

    with Console(project.environment) as console:
        console.call(create_user, "bob")  # who is a user and no person
        console.call(create_person, "ada")
        console.call(publish, "A lamp")
        assert "Shipped: A lamp" in console.call(page, "ada", "/notifications/")
        assert "0 results" in console.call(page, "ada", "/admin/clarion/mute/?q=7")  # which is nobody's key
        console.call(choose_apps_alone)
        console.call(publish, "A kite")
        assert console.call(read_everything) == [2]

    (mail,) = project.mails
    assert (mail["To"], mail["Subject"]) == ("ada@members.example", "Shipped: A lamp")
