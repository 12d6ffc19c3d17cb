"""The code in the README, and in the pages that build on it, works in a fresh project as it stands."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model

from clarion.models.person import get_person_model
from tests.acceptance.console import Console
from tests.acceptance.fresh_project import FreshProject, fresh_project
from tests.acceptance.process import running
from tests.acceptance.test_fresh_projects import create_user, page
from tests.acceptance.waiting import wait_for

pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.proves_most_on("sqlite", reason="a user meets it first on SQLite, which needs no server"),
]

ROOT = Path(__file__).parents[2]
ADD_IT, MOVE_IT = (ROOT / "README.md").read_text().split("## Move the work to workers")
TUTORIAL, PERSON_MODEL, TESTS = (
    (ROOT / "docs" / name).read_text()
    for name in (
        "tutorial/first-notification.md",
        "how-to/use-your-own-person-model.md",
        "how-to/test-notifications.md",
    )
)

SNIPPET = re.compile(r"^```\w+\n(?:#|\{#) (\S+?\.\w+)(?: #\})?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
"""A block of code whose first line is a comment that names the file it belongs to."""

# The README takes a page for granted; the tutorial brings its own.
HOME = """
from django.views.generic import TemplateView
urlpatterns += [path("", TemplateView.as_view(template_name="shop/home.html"))]
"""

# The how-to guide's test database is for SQLite.
TEST_DATABASE_OF_ITS_OWN = """
if DATABASES["default"]["ENGINE"] != "django.db.backends.sqlite3":
    del DATABASES["default"]["TEST"]
"""


@pytest.fixture
def project(tmp_path: Path) -> Iterator[FreshProject]:
    """A project with an app, `shop`, and nothing in it."""
    with fresh_project(tmp_path) as project:
        project.manage("startapp", "shop")
        yield project


@pytest.fixture
def site(project: FreshProject) -> FreshProject:
    """The project with a page of its own."""
    project.add("mysite/urls.py", HOME)
    return project


def follow(project: FreshProject, *texts: str) -> None:
    """Add each piece of code to the file that its first line names."""
    for text in texts:
        for path, code in SNIPPET.findall(text):
            (project.folder / path).parent.mkdir(parents=True, exist_ok=True)
            project.add(path, f"\n{code}")


def ship(item: str, login: str) -> None:
    """Call what the reader wrote."""
    services: Any = import_module("shop.services")
    services.ship(item, get_user_model()._default_manager.get(username=login))


def create_person(login: str) -> None:
    user = get_user_model()._default_manager.get(username=login)
    get_person_model()._default_manager.create(user=user, email=f"{login}@shop.example")


def assert_shipping_is_told(project: FreshProject, console: Console) -> None:
    """Ada is told in her inbox and in her mailbox, and the bell shows 1."""
    console.call(ship, "A <lamp>", "ada")
    inbox = console.call(page, "ada", "/notifications/")
    assert "Shipped: A &lt;lamp&gt;" in inbox
    assert "Because you ordered it" in inbox
    assert re.search(r'class="clarion-count"[^>]*>1<', console.call(page, "ada", "/"))
    (mail,) = project.mails
    assert (mail["To"], mail["Subject"]) == ("ada@shop.example", "Shipped: A <lamp>")
    text, html = (part.get_content() for part in mail.iter_parts())
    assert "A <lamp> is on its way." in text
    assert "https://shop.example/notifications/preferences/" in html


def test_the_readme_leads_to_a_notification_in_the_inbox_and_in_the_mailbox(site: FreshProject) -> None:
    follow(site, ADD_IT)
    site.manage("migrate", "--verbosity=0")
    with Console(site.environment) as console:
        console.call(create_user, "ada")
        assert_shipping_is_told(site, console)


def test_the_tutorial_leads_to_a_notification_in_the_inbox_and_in_the_mailbox(project: FreshProject) -> None:
    follow(project, TUTORIAL)
    project.manage("migrate", "--verbosity=0")
    with Console(project.environment) as console:
        console.call(create_user, "ada")
        assert_shipping_is_told(project, console)


def test_people_who_are_not_users_are_told_as_well(site: FreshProject) -> None:
    site.manage("startapp", "people")
    follow(site, ADD_IT, PERSON_MODEL)
    site.manage("makemigrations", "people")
    site.manage("migrate", "--verbosity=0")
    with Console(site.environment) as console:
        console.call(create_user, "ada")
        console.call(create_person, "ada")
        assert_shipping_is_told(site, console)


def test_who_moves_the_work_to_workers_is_told_by_them(site: FreshProject, tmp_path: Path) -> None:
    follow(site, ADD_IT, MOVE_IT)
    site.manage("migrate", "--verbosity=0")
    with Console(site.environment) as console:
        console.call(create_user, "ada")
        console.call(ship, "A lamp", "ada")
        assert "Shipped: A lamp" not in console.call(page, "ada", "/notifications/")
        qcluster = [sys.executable, str(site.folder / "manage.py"), "qcluster"]
        with running(qcluster, site.environment, tmp_path / "qcluster.log"):
            wait_for(lambda: site.mails, "a mail from the workers")
        assert "Shipped: A lamp" in console.call(page, "ada", "/notifications/")


def test_the_tests_in_the_documentation_pass(site: FreshProject) -> None:
    follow(site, ADD_IT, MOVE_IT, TESTS)
    site.add("mysite/settings.py", TEST_DATABASE_OF_ITS_OWN)
    environment = {name: value for name, value in site.environment.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "test_shop.py"],
        cwd=site.folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "4 passed" in done.stdout, done.stdout
