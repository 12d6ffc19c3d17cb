"""The code in the README, and in the pages that build on it, works in a fresh project (on SQLite)."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
WORKERS = "## Move the work to workers"
ADD_IT, MOVE_IT = (ROOT / "README.md").read_text().split(WORKERS)
TUTORIAL, PERSON_MODEL, TESTS = (
    (ROOT / "docs" / page).read_text()
    for page in (
        "tutorial/first-notification.md",
        "how-to/use-your-own-person-model.md",
        "how-to/test-notifications.md",
    )
)

SNIPPET = re.compile(r"^```\w+\n(?:#|\{#) (\S+?\.\w+)(?: #\})?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
"""A block of code whose first line is a comment that names the file it belongs to."""

# What the README takes for granted in a project: a page, and a way to send mail. The tutorial brings its own.
HOME = """
from django.views.generic import TemplateView
urlpatterns += [path("", TemplateView.as_view(template_name="shop/home.html"))]
"""
MAIL = """
import django
FILES, FOLDER = "django.core.mail.backends.filebased.EmailBackend", BASE_DIR / "mail"
if django.VERSION >= (6, 1):
    MAILERS = {"default": {"BACKEND": FILES, "OPTIONS": {"file_path": FOLDER}}}
else:
    EMAIL_BACKEND, EMAIL_FILE_PATH = FILES, FOLDER
"""

MAKE_ADA_A_PERSON = """
from django.contrib.auth.models import User
from people.models import Person
Person.objects.create(user=User.objects.create(username="ada"), email="ada@shop.example")
"""
SHIP = """
from django.contrib.auth.models import User
from shop.services import ship
ship("A <lamp>", User.objects.get_or_create(username="ada", defaults={"email": "ada@shop.example"})[0])
"""
LOOK = """
import json
from django.contrib.auth.models import User
from django.test import Client
browser = Client(SERVER_NAME="localhost")
browser.force_login(User.objects.get(username="ada"))
print(json.dumps({path: browser.get(path).content.decode() for path in ("/", "/notifications/")}))
"""


class Project:
    """A project that `django-admin` has just made, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.run("-m", "django", "startproject", "mysite", ".")
        self.manage("startapp", "shop")

    def paste(self, path: str, code: str) -> None:
        """Add code at the end of a file."""
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a") as opened:
            opened.write(f"\n{code}")

    def follow(self, text: str) -> None:
        """Paste each piece of code into the file that its first line names."""
        for path, code in SNIPPET.findall(text):
            self.paste(path, code)

    def manage(self, *arguments: str) -> str:
        """Return what `manage.py` prints."""
        return self.run("manage.py", *arguments)

    def pages(self) -> dict[str, str]:
        """Return the home page and the inbox as Ada sees them."""
        pages: dict[str, str] = json.loads(self.manage("shell", "--verbosity=0", "-c", LOOK))
        return pages

    def mails(self) -> list[Any]:
        """Return every mail that was sent."""
        files = (self.folder / "mail").glob("*.log")
        return [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]

    def run(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    @contextmanager
    def running(self, *arguments: str) -> Iterator[None]:
        """Run `manage.py` with these arguments until the block is left."""
        process = subprocess.Popen(
            [sys.executable, "manage.py", *arguments],
            cwd=self.folder,
            env=self._environment,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            yield
        finally:
            process.terminate()
            try:
                process.wait(20)
            finally:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)

    @property
    def _environment(self) -> dict[str, str]:
        ours = ("DJANGO_SETTINGS_MODULE", "PYTHONPATH")
        return {name: value for name, value in os.environ.items() if name not in ours}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


@pytest.fixture
def shop(project: Project) -> Project:
    """A project with a page of its own that can send mail."""
    project.paste("mysite/urls.py", HOME)
    project.paste("mysite/settings.py", MAIL)
    return project


@pytest.mark.acceptance
def test_the_readme_leads_to_a_notification_in_the_inbox_and_in_the_mailbox(shop: Project) -> None:
    shop.follow(ADD_IT)
    shop.manage("migrate")
    assert_ada_is_told(shop)


@pytest.mark.acceptance
def test_the_tutorial_leads_to_a_notification_in_the_inbox_and_in_the_mailbox(project: Project) -> None:
    project.follow(TUTORIAL)
    project.manage("migrate")
    assert_ada_is_told(project)


@pytest.mark.acceptance
def test_people_who_are_not_users_are_told_as_well(shop: Project) -> None:
    shop.manage("startapp", "people")
    shop.follow(ADD_IT + PERSON_MODEL)
    shop.manage("makemigrations", "people")
    shop.manage("migrate")
    shop.manage("shell", "-c", MAKE_ADA_A_PERSON)
    assert_ada_is_told(shop)


@pytest.mark.acceptance
def test_the_tests_in_the_documentation_pass(shop: Project) -> None:
    shop.follow(ADD_IT + MOVE_IT + TESTS)
    assert "4 passed" in shop.run("-m", "pytest", "--ds=mysite.settings", "test_shop.py")


def assert_ada_is_told(project: Project) -> None:
    project.manage("check")
    project.manage("shell", "-c", SHIP)
    pages = project.pages()
    assert "Shipped: A &lt;lamp&gt;" in pages["/notifications/"]
    assert "Because you ordered it" in pages["/notifications/"]
    assert re.search(r'class="clarion-count"[^>]*>1<', pages["/"])
    [mail] = project.mails()
    assert mail["To"] == "ada@shop.example"
    assert mail["Subject"] == "Shipped: A <lamp>"
    assert "A <lamp> is on its way." in mail.get_body(["plain"]).get_content()
    assert "https://shop.example/notifications/preferences/" in mail.get_body(["html"]).get_content()


@pytest.mark.acceptance
def test_who_moves_the_work_to_workers_is_notified_by_them(shop: Project) -> None:
    shop.follow(ADD_IT + MOVE_IT)
    shop.manage("migrate")
    shop.manage("check")
    shop.manage("shell", "-c", SHIP)
    assert not shop.mails()

    with shop.running("qcluster"):
        deadline = time.monotonic() + 60
        while not shop.mails() and time.monotonic() < deadline:
            time.sleep(0.2)
    [mail] = shop.mails()
    assert mail["Subject"] == "Shipped: A <lamp>"
    assert "Shipped: A &lt;lamp&gt;" in shop.pages()["/notifications/"]
